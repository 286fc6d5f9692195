import { utimesSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeBell } from "./bell.ts";
import type { Listening } from "./store.ts";

const BELL = "bell";

/**
 * Tells listeners of a write that everybody can read by now. Writes to the write-ahead log are no such sign: they are
 * seen before their commit is. A writer that dies before it rings is found by the listeners' own waiting time.
 */
export function ringFolder(dir: string): void {
  const file = join(dir, BELL);
  const now = Date.now() / 1000;
  try {
    utimesSync(file, now, now);
  } catch {
    try {
      writeFileSync(file, "");
    } catch {
      // A full disk, or a folder that has gone: what was written stands, and is found a little later.
    }
  }
}

/**
 * Listens to a folder rather than to the bell itself, which may not be there yet. Without a watcher (too many of them,
 * or the folder gone) the listener's own waiting time is the net.
 */
export function listenToFolder(dir: string): Listening {
  const bell = makeBell();
  const watcher = watch(dir, { persistent: false }, (_, name) => {
    // Later: whoever writes when it wakes would be told of that at once, again and again, and no timer would ever run.
    if (name === null || name === BELL) setImmediate(() => bell.ring());
  });
  watcher.on("error", () => watcher.close());
  return bell.listener(() => {
    watcher.close();
    return Promise.resolve();
  });
}
