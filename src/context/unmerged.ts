import type { Versions } from "../document/merge-front-matter.ts";
import type { ObjectReader } from "../git/objects.ts";
import { type Oid, oid } from "../git/names.ts";
import { fields, type Git, run } from "../git/run.ts";
import { conflictCount, conflictMarker, sidesOf } from "./conflict-sides.ts";
import { utf8 } from "./utf8.ts";

/** What a checkout knows of one of its files in a merge. */
export interface Merging {
  readonly objects: ObjectReader;
  /** Runs where the checkout is. */
  readonly git: Git;
  readonly path: string;
}

/** The versions of a file in the index of a checkout: 0, or in a conflict 1 (base), 2 (ours) and 3 (theirs). */
export async function stagesOf({ git, path }: Merging): Promise<ReadonlyMap<number, Oid>> {
  const found = await fields(git, ["ls-files", "--stage", "-z", "--", `:(literal)${path}`]);
  return new Map(
    found.map((entry) => {
      const [, object = "", stage] = entry.split(/[ \t]/);
      return [Number(stage), oid(object)];
    }),
  );
}

/** Whether a text that reads well is what a merge left: its conflict is in a block of code. */
export async function isLeftByMerge(at: Merging, text: string): Promise<boolean> {
  if (conflictCount(text) === 0) return false;
  const staged = await stagedSides(at, await stagesOf(at));
  if (staged === null) return false;
  const { base, ours, theirs } = staged;
  return conflictCount(text) > conflictCount(ours) + conflictCount(theirs) - conflictCount(base);
}

/**
 * The versions that a damaged text is to be merged of: as its markers tell, which also has what somebody decided already;
 * where they do not tell, as the index or the two heads of the merge have them.
 * @returns null where it comes from no merge
 */
export async function mergedVersions(
  at: Merging,
  text: string,
  stages: ReadonlyMap<number, Oid>,
): Promise<Versions | null> {
  const sides = sidesOf(text);
  if (sides === null) return (await stagedSides(at, stages)) ?? (conflictMarker(text) ? versionsOfHeads(at) : null);
  const staged = await textOf(at, stages.get(1));
  return { ...sides, base: staged ?? sides.base ?? (await headTexts(at))?.base ?? "" };
}

async function stagedSides(at: Merging, stages: ReadonlyMap<number, Oid>): Promise<Versions | null> {
  const [base, ours, theirs] = await Promise.all([1, 2, 3].map((stage) => textOf(at, stages.get(stage))));
  return typeof ours === "string" && typeof theirs === "string" ? { base: base ?? "", ours, theirs } : null;
}

async function versionsOfHeads(at: Merging): Promise<Versions | null> {
  const { base = null, ours = null, theirs = null } = (await headTexts(at)) ?? {};
  return ours === null || theirs === null ? null : { base: base ?? "", ours, theirs };
}

/** The file on both heads of a merge, and where their histories meet; null where there is no merge. */
async function headTexts(at: Merging): Promise<{ readonly [side in keyof Versions]: string | null } | null> {
  const heads = await run(at.git, ["rev-parse", "HEAD", "MERGE_HEAD"], { accept: [128] });
  if (heads.code !== 0) return null;
  const [ours, theirs] = heads.stdout.toString("utf8").trim().split("\n");
  const { stdout } = await run(at.git, ["merge-base", "HEAD", "MERGE_HEAD"], { accept: [1] });
  const [base = ""] = stdout.toString("utf8").trim().split("\n");
  const read = async (commit: string | undefined): Promise<string | null> =>
    commit ? textOf(at, `${commit}:${at.path}`) : null;
  return { base: await read(base), ours: await read(ours), theirs: await read(theirs) };
}

async function textOf({ objects }: Merging, name: string | undefined): Promise<string | null> {
  const object = name === undefined ? null : await objects.read(name);
  return object?.type === "blob" ? utf8(object.data) : null;
}
