import { isJsonMap, type JsonMap } from "./json.ts";
import type { Sides } from "./merge-policy.ts";

/** The three maps of one place. */
export interface MapSides {
  readonly base: JsonMap;
  readonly ours: JsonMap;
  readonly theirs: JsonMap;
}

/** The sides as maps, a base that has no value as an empty one; null where one is something else. */
export function mapsOf({ base = {}, ours, theirs }: Sides): MapSides | null {
  return isJsonMap(base) && isJsonMap(ours) && isJsonMap(theirs) ? { base, ours, theirs } : null;
}
