/**
 * Places in the landing queue: sessions that lost the base branch twice while they were verified, in order. Kept in the
 * ledger as `landing.queue`, one `<session>:<epoch>:<unix seconds of expiry>` a line, so that machines see it alike.
 * `:ready` behind it says that the first has verified and is about to push: for that moment all others hold back.
 */
export const QUEUE_FILE = "landing.queue";

export interface Place {
  readonly session: string;
  readonly epoch: number;
  readonly expires: number;
  readonly ready: boolean;
}

/** The places that still hold at `now` (unix seconds), the first one next. */
export function parseQueue(text: string, now: number): Place[] {
  const places: Place[] = [];
  for (const line of text.split("\n")) {
    const match = /^([a-z0-9][a-z0-9-]*):(\d+):(\d+)(:ready)?$/.exec(line.trim());
    if (!match) continue;
    const place = {
      session: match[1] ?? "",
      epoch: Number(match[2]),
      expires: Number(match[3]),
      ready: match[4] !== undefined,
    };
    if (place.expires > now) places.push(place);
  }
  return places;
}

export function writeQueue(places: readonly Place[]): string {
  return places.map((p) => `${p.session}:${p.epoch}:${p.expires}${p.ready ? ":ready" : ""}\n`).join("");
}
