import { watch } from "node:fs";
import { makeBell } from "./bell.ts";
import type { Listening } from "./store.ts";

/**
 * Listens to a folder rather than to the file of the write-ahead log, which may not be there yet. Without a watcher
 * (too many of them, or the folder gone) the listener's own waiting time is the net.
 */
export function listenToFolder(dir: string): Listening {
  const bell = makeBell();
  const watcher = watch(dir, { persistent: false }, () => bell.ring());
  watcher.on("error", () => watcher.close());
  return bell.listener(() => {
    watcher.close();
    return Promise.resolve();
  });
}
