/**
 * Places in the landing queue: sessions that lost the base branch twice while they were verified, in order. Kept in the
 * ledger as `landing.queue`, one `<session>:<epoch>:<unix seconds of expiry>` a line, so that machines see it alike.
 */
export const QUEUE_FILE = "landing.queue";

export interface Place {
  readonly session: string;
  readonly epoch: number;
  readonly expires: number;
}

/** The places that still hold at `now` (unix seconds), the first one next. */
export function parseQueue(text: string, now: number): Place[] {
  const places: Place[] = [];
  for (const line of text.split("\n")) {
    const match = /^([a-z0-9][a-z0-9-]*):(\d+):(\d+)$/.exec(line.trim());
    if (!match) continue;
    const place = { session: match[1] ?? "", epoch: Number(match[2]), expires: Number(match[3]) };
    if (place.expires > now) places.push(place);
  }
  return places;
}

export function writeQueue(places: readonly Place[]): string {
  return places.map((p) => `${p.session}:${p.epoch}:${p.expires}\n`).join("");
}
