import { closeSync, constants, openSync, readFileSync, utimesSync, watch, writeSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../hash.ts";
import { makeBell } from "./bell.ts";
import { eventOf } from "./notice.ts";
import type { HeardEvent, Listening } from "./store.ts";

const BELL = "bell";

/** What a ring tells, next to the store, of whose events it speaks. */
export interface Ring {
  /** What tells the store's file from another one of its name. */
  readonly inode: bigint;
  readonly project: string;
  /** The events that were added, as numbers with notices; null where they are too many to be told. */
  readonly notices: readonly string[] | null;
}

/** So many characters are told with a ring, which readers take at once. */
const MOST_LENGTH = 16_000;

/**
 * Tells listeners of a write that everybody can read by now, and what it added: fifty who listen need not all ask the
 * store. Writes to the write-ahead log are no such sign: they are seen before their commit is. A writer that dies before
 * it rings is found by the listeners' own waiting time.
 */
export function ringFolder(dir: string, ring: Ring): void {
  const file = join(dir, BELL);
  try {
    // Not cut off first: that would ring too. What is left of a longer one is not read.
    const at = openSync(file, constants.O_WRONLY | constants.O_CREAT, 0o600);
    try {
      writeSync(at, lineOf(ring));
    } finally {
      closeSync(at);
    }
  } catch {
    touch(file);
  }
}

function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // A full disk, or a folder that has gone: what was written stands, and is found a little later.
  }
}

function lineOf({ inode, project, notices }: Ring): string {
  const whole = JSON.stringify([String(inode), project, notices]);
  const body = whole.length <= MOST_LENGTH ? whole : JSON.stringify([String(inode), project, null]);
  return `${sha256(body)} ${body}\n`;
}

/** @returns null for what is no ring, or half of one and half of another */
function ringIn(file: string): Ring | null {
  try {
    const line = readFileSync(file, "utf8").split("\n", 1)[0] ?? "";
    const body = line.slice(line.indexOf(" ") + 1);
    if (line !== `${sha256(body)} ${body}`) return null;
    const [inode, project, notices] = JSON.parse(body) as [string, string, string[] | null];
    return { inode: BigInt(inode), project, notices };
  } catch {
    return null;
  }
}

/**
 * Listens to a folder rather than to the bell itself, which may not be there yet. Without a watcher (too many of them,
 * or the folder gone) the listener's own waiting time is the net.
 * @param of the store whose events are believed: those of another one of its name are looked for in the feed
 */
export function listenToFolder(dir: string, of: Pick<Ring, "inode" | "project">): Listening {
  const bell = makeBell();
  const heard = (): void => {
    const events = told(ringIn(join(dir, BELL)), of);
    if (events === null) bell.ring();
    else for (const event of events) bell.ring(event);
  };
  const watcher = watch(dir, { persistent: false }, (_, name) => {
    // Later: whoever writes when it wakes would be told of that at once, again and again, and no timer would ever run.
    if (name === null || name === BELL) setImmediate(heard);
  });
  watcher.on("error", () => watcher.close());
  return bell.listener(() => {
    watcher.close();
    return Promise.resolve();
  });
}

/** Null where the feed is to be asked. */
function told(ring: Ring | null, of: Pick<Ring, "inode" | "project">): readonly HeardEvent[] | null {
  if (ring === null || ring.inode !== of.inode || ring.project !== of.project) return null;
  const events = ring.notices?.map(eventOf) ?? [undefined];
  return events.length > 0 && events.every((event) => event !== undefined) ? events : null;
}
