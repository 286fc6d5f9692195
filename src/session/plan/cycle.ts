import type { SessionRow } from "../../ledger/rows.ts";

/**
 * The sessions around a circle of dependencies through `id`, itself first and last; null when there is none. Nobody
 * could ever claim one of them.
 */
export function cycleThrough(
  id: string,
  depends: readonly string[],
  rows: readonly Pick<SessionRow, "id" | "depends">[],
): string[] | null {
  const known = new Map(rows.map((row) => [row.id, row.depends]));
  known.set(id, depends);
  const seen = new Set<string>();
  const walk = (at: string, path: readonly string[]): string[] | null => {
    for (const next of known.get(at) ?? []) {
      if (next === id) return [...path, id];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...path, next]);
      if (found) return found;
    }
    return null;
  };
  return walk(id, [id]);
}
