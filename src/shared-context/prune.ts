import { printKeyPath } from "../document/key-path.ts";
import { BerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import type { Reading } from "../store/store.ts";
import { documentAt, firstKept, hashAt, readHead } from "./version.ts";
import { keepSnapshot } from "./write.ts";

export interface Pruned {
  /** The oldest version that is left; it is kept as a whole, and the chain is verified from there on. */
  readonly first: number;
  /** How many versions went, and from which on. */
  readonly removed: number;
  readonly from: number;
  /** Older versions that somebody had asked to keep, and that can still be read. */
  readonly snapshots: readonly number[];
  /** Conflicts that are not resolved, whose versions stay although more was to go. */
  readonly heldBy: readonly string[];
}

/**
 * Removes the oldest part of the history, which nothing else ever does. What an open conflict refers to stays, and so do
 * snapshots that were asked for. [XCS-11]
 * @param input which version is to be the oldest, or how many are to be left
 * @throws BerthError USAGE, NOT_FOUND for a version that does not exist yet
 */
export async function sharedPrune(
  project: Project,
  input: { readonly before?: number | undefined; readonly keep?: number | undefined },
): Promise<Pruned> {
  if ((input.before === undefined) === (input.keep === undefined) || (input.keep ?? 1) < 1)
    throw new BerthError("USAGE", "Say which version is to be the oldest, or how many are to be left.", {
      hint: "berth shared prune --before VERSION, or berth shared prune --keep NUMBER",
    });
  const store = await project.store.open();
  return store.write(async (tx) => {
    const plan = await planPrune(tx, input);
    if (plan.removed === 0) return plan;
    const { first, removed } = plan;
    const hash = await requireHash(tx, first);
    await keepSnapshot(tx, { version: first, hash, document: await documentAt(tx, store.place, first), message: null });
    await tx.run("delete from context_version where project = $1 and version < $2", tx.project, first);
    await tx.run(
      "delete from context_snapshot where project = $1 and version < $2 and message is null",
      tx.project,
      first,
    );
    await tx.append({ kind: "context.pruned", subject: "", agent: project.caller.name, data: { first, removed } });
    return plan;
  });
}

async function planPrune(
  tx: Reading,
  input: { readonly before?: number | undefined; readonly keep?: number | undefined },
): Promise<Pruned> {
  const head = await readHead(tx);
  const from = await firstKept(tx);
  const wanted = await wantedFirst(tx, input, head.version);
  const open = await tx.all<{ path: string; version: number }>(
    "select path, version from context_conflict where project = $1 and resolved_at is null and version < $2 order by id",
    tx.project,
    wanted,
  );
  const first = await oldestFrom(tx, Math.max(from, Math.min(wanted, ...open.map(({ version }) => version))));
  const counted = await tx.one<{ count: number }>(
    "select count(*) as count from context_version where project = $1 and version < $2",
    tx.project,
    first,
  );
  const snapshots = await tx.all<{ version: number }>(
    "select version from context_snapshot where project = $1 and version < $2 and message is not null order by version",
    tx.project,
    first,
  );
  return {
    first,
    removed: counted?.count ?? 0,
    from,
    snapshots: snapshots.map(({ version }) => version),
    heldBy: [...new Set(open.map(({ path }) => printKeyPath(JSON.parse(path) as string[])))],
  };
}

async function wantedFirst(
  tx: Reading,
  { before, keep }: { readonly before?: number | undefined; readonly keep?: number | undefined },
  head: number,
): Promise<number> {
  if (before !== undefined && before > head)
    throw new BerthError("NOT_FOUND", `The shared context has no version ${before}; the newest is ${head}.`, {
      hint: "See which there are with: berth shared history",
      facts: { version: before, newest: head },
    });
  if (before !== undefined) return before;
  const row = await tx.one<{ version: number | null }>(
    `select min(version) as version from (
       select version from context_version where project = $1 order by version desc limit $2) as newest`,
    tx.project,
    keep ?? 1,
  );
  return row?.version ?? head;
}

/** A version that is there: a repair leaves numbers out. */
async function oldestFrom(tx: Reading, version: number): Promise<number> {
  const row = await tx.one<{ version: number | null }>(
    "select min(version) as version from context_version where project = $1 and version >= $2",
    tx.project,
    version,
  );
  return row?.version ?? version;
}

async function requireHash(tx: Reading, version: number): Promise<string> {
  const hash = await hashAt(tx, version);
  if (hash === undefined) throw new Error(`Version ${version} has no hash.`);
  return hash;
}
