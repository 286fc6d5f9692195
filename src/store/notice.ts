import type { HeardEvent, NewEvent } from "./store.ts";

/** The server takes less than 8,000 bytes, and the number comes on top. */
const MOST_BYTES = 7900;

/** What goes with a notification, after the event's number: as much of the event as the server carries. */
export function noticeOf(event: NewEvent, at: number): string {
  const { brief, ...kept } = event;
  const whole = JSON.stringify({ at, ...kept, brief });
  if (fits(whole)) return whole;
  const short = JSON.stringify({ at, ...kept });
  return fits(short) ? short : "";
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= MOST_BYTES;
}

/** @returns undefined for what tells no event: who listens then reads the feed */
export function eventOf(notice: string): HeardEvent | undefined {
  const [, number = "", text = ""] = /^(\d{1,15})(\{.*)$/s.exec(notice) ?? [];
  if (text === "") return undefined;
  try {
    const { at, kind, subject, agent, data, brief } = JSON.parse(text) as Partial<HeardEvent>;
    const isNamed = typeof kind === "string" && typeof subject === "string";
    const isData = typeof data === "object" && data !== null && !Array.isArray(data);
    if (typeof at !== "number" || !isNamed || !isData) return undefined;
    if (agent !== null && typeof agent !== "string") return undefined;
    return { seq: Number(number), at, kind, subject, agent, data, brief };
  } catch {
    return undefined;
  }
}
