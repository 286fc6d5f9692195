import { type Oid, oid } from "./names.ts";
import { mergeBase } from "./refs.ts";
import { type Git, run } from "./run.ts";

/**
 * The best common ancestor of a commit and each of many others, mostly in one run of git; null for unrelated histories.
 */
export async function forkPoints(git: Git, base: Oid, tips: readonly Oid[]): Promise<Map<Oid, Oid | null>> {
  const found = new Map<Oid, Oid | null>();
  const others = [...new Set(tips)].filter((tip) => tip !== base);
  if (tips.includes(base)) found.set(base, base);
  if (others.length === 0) return found;
  // What only the others have, and where that joins the history of the base.
  const { stdout } = await run(git, ["rev-list", "--parents", "--boundary", "--stdin"], {
    input: `${others.join("\n")}\n^${base}\n`,
  });
  const parents = new Map<string, readonly string[]>();
  const shared = new Set<string>();
  for (const line of stdout.toString("utf8").split("\n")) {
    const [commit = "", ...above] = line.replace(/^-/, "").split(" ");
    if (line.startsWith("-")) shared.add(commit);
    else if (commit !== "") parents.set(commit, above);
  }
  for (const tip of others) {
    // A tip that the base has is where it joins.
    const joins = parents.has(tip) ? joinsOf(tip, parents, shared) : [tip];
    found.set(
      tip,
      joins.length === 1 ? oid(joins[0] ?? "") : joins.length === 0 ? null : await mergeBase(git, base, tip),
    );
  }
  return found;
}

/** The commits of the shared history that are next to what only this tip has. */
function joinsOf(tip: string, parents: ReadonlyMap<string, readonly string[]>, shared: ReadonlySet<string>): string[] {
  const seen = new Set<string>();
  const joins = new Set<string>();
  const waiting = [tip];
  for (let commit = waiting.pop(); commit !== undefined; commit = waiting.pop()) {
    if (seen.has(commit)) continue;
    seen.add(commit);
    if (shared.has(commit)) joins.add(commit);
    else waiting.push(...(parents.get(commit) ?? []));
  }
  return [...joins];
}
