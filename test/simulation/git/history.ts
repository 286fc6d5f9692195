import { type Commit, commitOf, entryAt, type Objects } from "./objects.ts";

/** All commits reachable from these, themselves included. */
export function reachable(objects: Objects, tips: Iterable<string>): Set<string> {
  const seen = new Set<string>();
  const waiting = [...tips];
  for (let oid = waiting.pop(); oid !== undefined; oid = waiting.pop()) {
    if (seen.has(oid)) continue;
    seen.add(oid);
    waiting.push(...commitOf(objects, oid).parents);
  }
  return seen;
}

/** Whether one commit is reachable from another; false where either is not there. */
export function isAncestor(objects: Objects, ancestor: string, tip: string): boolean {
  if (!objects.has(ancestor) || !objects.has(tip)) return false;
  const seen = new Set<string>();
  const waiting = [tip];
  for (let oid = waiting.pop(); oid !== undefined; oid = waiting.pop()) {
    if (oid === ancestor) return true;
    if (seen.has(oid)) continue;
    seen.add(oid);
    waiting.push(...commitOf(objects, oid).parents);
  }
  return false;
}

/** The best common ancestors: those that no other common ancestor goes back to. */
export function mergeBases(objects: Objects, a: string, b: string): string[] {
  const ofA = reachable(objects, [a]);
  const common = [...reachable(objects, [b])].filter((oid) => ofA.has(oid));
  const above = new Set<string>();
  for (const oid of common) for (const parent of commitOf(objects, oid).parents) above.add(parent);
  for (const oid of reachable(objects, above)) above.add(oid);
  return common.filter((oid) => !above.has(oid));
}

export interface Walk {
  readonly without?: readonly string[];
  readonly paths?: readonly string[];
  readonly merges?: boolean;
  readonly firstParent?: boolean;
}

/** Commits reachable from one and not from others, none before its children, as `git log --topo-order` has them. */
export function walk(objects: Objects, tip: string, options: Walk): { oid: string; commit: Commit }[] {
  const hidden = reachable(objects, options.without ?? []);
  const parents = new Map<string, readonly string[]>();
  const shown = new Set<string>();
  const waiting = [tip];
  for (let oid = waiting.pop(); oid !== undefined; oid = waiting.pop()) {
    if (hidden.has(oid) || parents.has(oid)) continue;
    const { next, shows } = look(objects, oid, options);
    if (shows) shown.add(oid);
    parents.set(oid, next);
    waiting.push(...next);
  }
  return inOrder(tip, parents)
    .filter((oid) => shown.has(oid))
    .map((oid) => ({ oid, commit: commitOf(objects, oid) }))
    .filter(({ commit }) => options.merges !== false || commit.parents.length < 2);
}

/** Where the walk goes on from a commit: with paths, past what did not change them. */
function look(
  objects: Objects,
  oid: string,
  { paths, firstParent }: Walk,
): { next: readonly string[]; shows: boolean } {
  const commit = commitOf(objects, oid);
  const next = firstParent ? commit.parents.slice(0, 1) : commit.parents;
  if (!paths || paths.length === 0) return { next, shows: true };
  const stand = (at: string | null): string =>
    paths.map((path) => (at === null ? "" : (entryAt(objects, commitOf(objects, at).tree, path)?.oid ?? ""))).join();
  const own = stand(oid);
  if (commit.parents.length === 0) return { next, shows: own !== stand(null) };
  const same = next.find((parent) => stand(parent) === own);
  return same === undefined ? { next, shows: true } : { next: [same], shows: false };
}

function inOrder(tip: string, parents: ReadonlyMap<string, readonly string[]>): string[] {
  const children = new Map<string, number>();
  for (const above of parents.values()) for (const oid of above) children.set(oid, (children.get(oid) ?? 0) + 1);
  const order: string[] = [];
  const ready = parents.has(tip) ? [tip] : [];
  for (let oid = ready.pop(); oid !== undefined; oid = ready.pop()) {
    order.push(oid);
    for (const parent of parents.get(oid)?.toReversed() ?? []) {
      const left = (children.get(parent) ?? 1) - 1;
      children.set(parent, left);
      if (left === 0 && parents.has(parent)) ready.push(parent);
    }
  }
  return order;
}
