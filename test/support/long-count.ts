/**
 * How often a long run repeats. `BERTH_LONG=small` asks for the number that fits a pipeline; without it the run is
 * full. The number is printed, because a small run proves less.
 */
export function longCount(what: string, counts: { readonly small: number; readonly full: number }): number {
  const asked = process.env["BERTH_LONG"] ?? "full";
  if (asked !== "small" && asked !== "full") throw new Error(`BERTH_LONG is "${asked}"; it may be small or full`);
  const count = counts[asked];
  console.log(`${what}: ${count}${asked === "small" ? ` of ${counts.full} in a full run` : ""}`);
  return count;
}
