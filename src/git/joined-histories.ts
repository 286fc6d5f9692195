import type { Oid } from "./names.ts";
import { type Git, run } from "./run.ts";

/** How a piece of work hangs on the history that all share. */
export interface JoinedHistory {
  /** The commits of the shared history next to what only the work has; several after merges of it. */
  readonly joins: readonly string[];
  /** Equal for two pieces of work that have commits in common which the shared history has not. */
  readonly group: number;
}

/**
 * How several pieces of work hang on a base, in one run of git. What two of them merge from follows from their joins
 * alone, unless they are of one group.
 * @param tips the commits that each piece of work builds on
 * @param base null: nothing is shared
 */
export async function joinedHistories(
  git: Git,
  base: Oid | null,
  tips: readonly (readonly Oid[])[],
): Promise<JoinedHistory[]> {
  const all = [...new Set(tips.flat())];
  if (all.length === 0) return tips.map((_, group) => ({ joins: [], group }));
  const { stdout } = await run(git, ["rev-list", "--parents", "--boundary", "--stdin"], {
    input: `${all.join("\n")}\n${base === null ? "" : `^${base}\n`}`,
  });
  const parents = new Map<string, readonly string[]>();
  const shared = new Set<string>();
  for (const line of stdout.toString("utf8").split("\n")) {
    const [commit = "", ...above] = line.replace(/^-/, "").split(" ");
    if (line.startsWith("-")) shared.add(commit);
    else if (commit !== "") parents.set(commit, above);
  }
  const owners = new Map<string, number>();
  const groups = tips.map((_, at) => at);
  const found = tips.map((own, at) => walk(own, at, { parents, shared, owners, groups }));
  return found.map((joins, at) => ({ joins, group: leader(groups, at) }));
}

interface Walk {
  readonly parents: ReadonlyMap<string, readonly string[]>;
  readonly shared: ReadonlySet<string>;
  /** Which piece of work came by a commit first. */
  readonly owners: Map<string, number>;
  readonly groups: number[];
}

/** Goes down to the shared history; work whose commits another one has is of the same group. */
function walk(tips: readonly string[], at: number, { parents, shared, owners, groups }: Walk): string[] {
  const joins = new Set<string>();
  const seen = new Set<string>();
  const waiting = [...tips];
  for (let commit = waiting.pop(); commit !== undefined; commit = waiting.pop()) {
    if (seen.has(commit)) continue;
    seen.add(commit);
    const above = parents.get(commit);
    // A tip that the base has itself is where it joins.
    if (shared.has(commit) || above === undefined) {
      joins.add(commit);
      continue;
    }
    const owner = owners.get(commit);
    if (owner === undefined) owners.set(commit, at);
    else groups[leader(groups, at)] = leader(groups, owner);
    waiting.push(...above);
  }
  return [...joins].sort();
}

function leader(groups: readonly number[], at: number): number {
  let found = at;
  for (let next = groups[found] ?? found; next !== found; next = groups[found] ?? found) found = next;
  return found;
}
