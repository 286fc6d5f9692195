import type { RefName } from "./names.ts";
import type { ObjectReader } from "./objects.ts";
import { resolveCommit } from "./refs.ts";

/** The reference that keeps `ref` from being made: git has no `a/b` beside `a`. Null where there is room. */
export async function inTheWayOf(objects: ObjectReader, ref: RefName): Promise<string | null> {
  for (const name of parentsOf(ref.split("/").slice(2).join("/"))) {
    const full = [...ref.split("/").slice(0, 2), name].join("/");
    if (await resolveCommit(objects, full)) return full;
  }
  return null;
}

/** `a` and `a/b` of `a/b/c`. */
export function parentsOf(branch: string): string[] {
  const parts = branch.split("/");
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("/"));
}
