import type { Layout } from "../context/locate.ts";
import type { ManifestUnit } from "./schema.ts";
import type { PlannedUnit, Restored, Wish, World } from "./shape.ts";
import { contextPath, type Unit } from "./unit.ts";

interface Restore {
  readonly restores: Restored;
  readonly targets: PlannedUnit["targets"];
}

/**
 * The way back where nothing changed since: the very bytes that an earlier run made the unit from, at their places.
 * Only what was made from something else is taken away for it, so that nothing is lost.
 */
export function restorable(
  unit: Unit,
  world: Pick<World, "manifests" | "entryAt">,
  { to, places }: Pick<Wish, "to" | "places">,
): Restore | null {
  const isThere = ({ path }: { readonly path: string }): boolean => isIn(to, path, places);
  for (const { run, units } of world.manifests.filter((manifest) => manifest.to !== to)) {
    for (const made of units) {
      if (made.restores !== null || !made.sources.some(isThere) || !isUnchanged(made, unit, world)) continue;
      const sources = new Map(made.sources.map((source) => [source.path, source]));
      const targets = [...sources.values()].map(({ path, mode, blob }) => ({ path, mode, content: { oid: blob } }));
      const archives = made.sources.flatMap(({ archive }) => (archive === null ? [] : [archive]));
      return { restores: { run, unit: made, gone: [...new Set(archives)] }, targets };
    }
  }
  return null;
}

/** Whether a path is one of a layout's. */
function isIn(layout: Layout, path: string, places: Wish["places"]): boolean {
  return layout === "tickets" ? path.startsWith(`${places.tickets}/`) : path === contextPath(layout, "", places);
}

/** Whether the unit is what was made then, all of it, and its sources can have their places again. */
function isUnchanged(made: ManifestUnit, unit: Unit, { entryAt }: Pick<World, "entryAt">): boolean {
  const targets = new Map(made.targets.map(({ path, blob }) => [path, blob]));
  return (
    made.sources.every(({ lines }) => lines === undefined) &&
    unit.parts.every(({ path, oid }) => targets.get(path) === oid) &&
    made.targets.every(({ path, blob }) => entryAt(path)?.oid === blob) &&
    made.sources.every(({ path }) => entryAt(path) === null || targets.has(path)) &&
    made.sources.every(({ archive, blob }) => archive === null || entryAt(archive)?.oid === blob)
  );
}
