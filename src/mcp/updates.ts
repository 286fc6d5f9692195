import { unwatchFile, watchFile } from "node:fs";
import { join } from "node:path";
import type { Berth } from "../open.ts";
import { currentOf, placeOf, type Seat } from "./seat.ts";
import { CONTEXT, LOCKS, partOf, SESSION, SESSIONS, SHARED, within } from "./uris.ts";

/** Tells when what somebody follows has changed. */
export interface Updates {
  /** From now on changes of these are told, in addition to what was followed before. */
  readonly follow: (uris: readonly string[]) => void;
  readonly leave: (uris: readonly string[]) => void;
  readonly end: () => void;
}

/** Each one that is followed costs a little; clients follow a handful. */
const MOST = 256;
/** A context is a file that anybody may write. */
const LOOK_MS = 500;

/**
 * Follows what clients subscribe to: sessions and locks by the feed, keys of the shared context by its own, contexts by
 * their files. Nothing is followed before somebody asks for it.
 * @param seat whose repository it is
 * @param tell is given the address of what has changed
 */
export function followUpdates(
  seat: () => Promise<Seat>,
  tell: (uri: string) => void,
  complain: (error: unknown) => void,
): Updates {
  const over = new AbortController();
  const known = new Set<string>();
  const begun = new Set<string>();
  const files: string[] = [];
  const begin = (what: string, work: (seat: Seat) => Promise<void>): void => {
    if (begun.has(what)) return;
    begun.add(what);
    const run = async (): Promise<void> => work(await seat());
    run().catch((error: unknown) => {
      // It may be followed again, once what was wrong is mended.
      begun.delete(what);
      if (!over.signal.aborted) complain(error);
    });
  };
  const tellKnown = (uri: string): void => {
    if (known.has(uri)) tell(uri);
  };
  const followOne = (uri: string): void => {
    const key = uri === SHARED ? "" : partOf(uri, SHARED);
    const context = uri === CONTEXT ? undefined : partOf(uri, CONTEXT);
    if (uri === LOCKS || uri === SESSIONS || partOf(uri, SESSION) !== null)
      begin("feed", ({ home }) => followFeed(home, tellKnown, over.signal));
    else if (key !== null) begin(uri, ({ home }) => followKey(home, key, () => tellKnown(uri), over.signal));
    else if (context !== null)
      begin(uri, async (at) => {
        const file = await contextFile(at, context);
        if (over.signal.aborted) return;
        watchFile(file, { interval: LOOK_MS, persistent: false }, () => tellKnown(uri));
        files.push(file);
      });
  };
  return {
    follow: (uris) => {
      for (const uri of uris) {
        if (known.size >= MOST && !known.has(uri)) break;
        known.add(uri);
        followOne(uri);
      }
    },
    leave: (uris) => {
      for (const uri of uris) known.delete(uri);
    },
    end: () => {
      over.abort();
      for (const file of files) unwatchFile(file);
    },
  };
}

/** Locks and sessions. A hub is asked now and then: what other machines do is in nobody's feed here. */
async function followFeed(home: Berth, tell: (uri: string) => void, signal: AbortSignal): Promise<void> {
  for await (const { kind, subject } of await home.watch({ signal, fetch: home.project.hub.kind === "remote" })) {
    const missed = kind === "feed.missed";
    if (missed || kind.startsWith("lock.")) tell(LOCKS);
    if (missed || kind.startsWith("session.")) tell(SESSIONS);
    if (kind.startsWith("session.")) tell(within(SESSION, subject));
  }
}

async function followKey(home: Berth, path: string, tell: () => void, signal: AbortSignal): Promise<void> {
  const changes = await home.sharedWatch({ path, signal });
  while (!(await changes.next()).done) tell();
}

async function contextFile(seat: Seat, session: string | undefined): Promise<string> {
  const place = await placeOf(seat, session ?? (await currentOf(seat))?.session);
  const { path } = await place.contextShow({});
  return join(place.project.here.top ?? place.project.cwd, path);
}
