import { isoSeconds } from "../clock.ts";
import { parseKeyPath, printKeyPath } from "../document/key-path.ts";
import type { Json } from "../document/json.ts";
import { BerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import { followWith, lastSeq } from "../store/feed.ts";
import type { Asking, FeedEvent, HeardEvent, Store } from "../store/store.ts";
import { type Change, related } from "./change.ts";
import { type Conflict, conflictById, openConflicts } from "./conflict.ts";
import { firstKept, notKept, readHead, readVersions, type Version } from "./version.ts";

/** What happened to the shared context: a new version, values that do not go together, or the end of such a conflict. */
export type ContextChange =
  | {
      readonly kind: "changed";
      readonly version: number;
      readonly hash: string;
      readonly at: string;
      readonly agent: string;
      readonly message: string | null;
      /** Places outermost; a place without `value` was removed. */
      readonly changes: readonly { readonly path: string; readonly value?: Json }[];
    }
  | { readonly kind: "conflict"; readonly at: string; readonly agent: string | null; readonly conflict: Conflict }
  | {
      readonly kind: "resolved";
      readonly at: string;
      readonly agent: string | null;
      readonly path: string;
      /** Why, where that was said. */
      readonly message: string | null;
    };

/**
 * Every change of the shared context, or of what is at, above or below one key path, in order, until the signal ends it.
 * @param input.after begin with the version after this one; without it only what is new
 * @throws BerthError INVALID for the key path, NOT_FOUND for the version
 */
export async function sharedWatch(
  project: Project,
  input: {
    readonly path?: string | undefined;
    readonly after?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<AsyncGenerator<ContextChange>> {
  const path = parseKeyPath(input.path ?? "");
  const store = await project.store.open();
  const start = await store.read(async (tx) => {
    const head = await readHead(tx);
    const after = input.after ?? head.version;
    if (after < 0 || after > head.version)
      throw new BerthError("NOT_FOUND", `The shared context has no version ${after} to begin after.`, {
        hint: "See which there are: berth shared history",
        facts: { after, newest: head.version },
      });
    if (after < head.version && after < (await firstKept(tx)) - 1)
      throw notKept(after, await firstKept(tx), head.version);
    return { seq: await lastSeq(tx), head: head.version, missed: await readVersions(tx, after, head.version) };
  });
  const given = [input.signal, project.signal].filter((signal) => signal !== undefined);
  return changesOf(store, path, start, AbortSignal.any(given));
}

async function* changesOf(
  store: Store,
  path: readonly string[],
  start: { readonly seq: number; readonly head: number; readonly missed: readonly Version[] },
  signal: AbortSignal,
): AsyncGenerator<ContextChange> {
  const meets = (own: readonly string[]): boolean => related(own, path) || related(path, own);
  for (const version of start.missed) if (version.changes.some((change) => meets(change.path))) yield shown(version);
  let told = start.head;
  const read = async (tx: Asking, events: readonly FeedEvent[]): Promise<{ found: ContextChange[]; last: number }> => {
    const found: ContextChange[] = [];
    let last = told;
    for (const event of events.filter(({ kind, subject }) => concerns(kind, subject, meets)))
      if (event.kind === MISSED) {
        found.push(...(await changesSince(tx, path, { version: last, seq: Number(event.data["from"]) })));
        last = (await readHead(tx)).version;
      } else if (event.kind !== "context.changed") {
        found.push(...(await changeOf(tx, event, meets)));
      } else if (Number(event.data["version"]) > last) {
        found.push(...(await changeOf(tx, event, meets)));
        last = Number(event.data["version"]);
      }
    return { found, last };
  };
  const tell = (events: readonly HeardEvent[]): { found: ContextChange[]; last: number } | undefined => {
    const found: ContextChange[] = [];
    let last = told;
    for (const event of events.filter(({ kind, subject }) => concerns(kind, subject, meets))) {
      const version = Number(event.data["version"]);
      const changes = event.kind === "context.changed" ? briefIn(event) : undefined;
      if (!changes || version !== last + 1) return undefined;
      if (changes.some((change) => meets(change.path))) found.push(heardChange(event, version, changes));
      last = version;
    }
    return { found, last };
  };
  for await (const { found, last } of followWith(store, start.seq, signal, { read, told: tell })) {
    told = last;
    yield* found;
  }
}

const MISSED = "feed.missed";

/** A version is known by all of its places, which are looked at when it is read. */
function concerns(kind: string, subject: string, meets: (path: readonly string[]) => boolean): boolean {
  if (kind === "context.conflict" || kind === "context.resolved") return meets(parseKeyPath(subject));
  return kind === "context.changed" || kind === MISSED;
}

/** What the feed no longer tells, from the history itself; of conflicts those that are still open. */
async function changesSince(
  tx: Asking,
  path: readonly string[],
  from: { readonly version: number; readonly seq: number },
): Promise<ContextChange[]> {
  const { version: newest } = await readHead(tx);
  // A store that was made anew counts its versions anew.
  const versions = await readVersions(tx, newest < from.version ? 0 : from.version, newest);
  const conflicts = (await openConflicts(tx, path)).filter(({ id }) => id >= from.seq);
  return [
    ...versions
      .filter(({ changes }) => changes.some((change) => related(change.path, path) || related(path, change.path)))
      .map(shown),
    ...conflicts.map((conflict) => ({
      kind: "conflict" as const,
      at: conflict.at,
      agent: conflict.theirsBy,
      conflict,
    })),
  ];
}

async function changeOf(
  tx: Asking,
  { kind, subject, at, agent, seq, data }: FeedEvent,
  meets: (path: readonly string[]) => boolean,
): Promise<ContextChange[]> {
  const time = new Date(at).toISOString();
  if (kind === "context.resolved") {
    const { message } = data;
    return [
      { kind: "resolved", at: time, agent, path: subject, message: typeof message === "string" ? message : null },
    ];
  }
  if (kind === "context.conflict") {
    const conflict = await conflictById(tx, seq);
    return conflict ? [{ kind: "conflict", at: time, agent, conflict }] : [];
  }
  const number = Number(data["version"]);
  return (await readVersions(tx, number - 1, number))
    .filter(({ changes }) => changes.some((change) => meets(change.path)))
    .map(shown);
}

/** What `write` sent along; undefined where it did not come whole. */
function briefIn({ brief }: HeardEvent): Told["changes"] | undefined {
  if (!Array.isArray(brief)) return undefined;
  const changes = brief as Partial<Change>[];
  const isPath = (path: unknown): boolean => Array.isArray(path) && path.every((key) => typeof key === "string");
  return changes.every((change) => isPath(change?.path)) ? (changes as Change[]) : undefined;
}

function heardChange({ at, agent, data }: HeardEvent, version: number, changes: Told["changes"]): ContextChange {
  const { hash, message } = data as Pick<Version, "hash" | "message">;
  return shown({ version, hash, at: isoSeconds(at), agent: agent ?? "", message, changes });
}

/** As much of a version as those who watch are told. */
type Told = Pick<Version, "version" | "hash" | "at" | "agent" | "message"> & {
  readonly changes: readonly Pick<Change, "path" | "after">[];
};

function shown({ version, hash, at, agent, message, changes }: Told): ContextChange {
  return {
    kind: "changed",
    version,
    hash,
    at,
    agent,
    message,
    changes: changes.map(({ path, after }) => ({
      path: printKeyPath(path),
      ...(after === undefined ? {} : { value: after }),
    })),
  };
}
