import { readBytes, replaceText } from "../disk/text-file.ts";
import { printKeyPath } from "../document/key-path.ts";
import type { DocumentConflict } from "../document/merge-front-matter.ts";
import { BerthError, isBerthError } from "../errors.ts";
import type { ObjectReader } from "../git/objects.ts";
import { fileHistory } from "../git/file-history.ts";
import { type Oid, oid, type RefName, refName } from "../git/names.ts";
import { moveRefs } from "../git/refs.ts";
import { fields, type Git, run } from "../git/run.ts";
import { writeBlobs } from "../git/write.ts";
import { sha256 } from "../hash.ts";
import { type Project, scratchDir } from "../project.ts";
import { hasMarkers, type Sides, sidesOf } from "./conflict-sides.ts";
import { type ContextPlace, locateContext } from "./locate.ts";
import { mergeContexts } from "./merge.ts";
import { withObjectsHere } from "./objects-here.ts";
import { readContext } from "./read.ts";
import { inTurn } from "./update.ts";

/** What both sides say of one place, where one value has to stand: that of `ours` does. */
export interface ContextConflict {
  /** The key path; empty for the text below the keys. */
  readonly key: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** What a damaged context became. */
export interface Repaired {
  readonly path: string;
  /** What was wrong; null where nothing was, and nothing was done. */
  readonly problem: string | null;
  /** `merge` of the two sides of a conflict, `index`, or the commit that the newest whole version is from. */
  readonly from: string | null;
  /** What git reads the damaged text by: `git show REF`; null where there was none. */
  readonly kept: string | null;
  /** What both sides changed: ours stands, and somebody has to decide. */
  readonly conflicts: readonly ContextConflict[];
}

/**
 * Brings a damaged context back: one with the markers of a merge conflict by merging its sides, any other from the newest
 * whole version that git has. What stood there is kept under a reference; no default ever takes its place. [INV-8]
 * @throws BerthError NOT_FOUND where git has no whole version; nothing is changed then
 */
export async function contextRepair(
  project: Project,
  input: { readonly ticket?: string | undefined; readonly dryRun?: boolean } = {},
): Promise<Repaired> {
  const place = await locateContext(project, input);
  return inTurn(project, place, async (file) => {
    for (;;) {
      const was = await readBytes(file, place.path);
      const problem = problemOf(was.bytes, place.path);
      const fine = { path: place.path, problem, from: null, kept: null, conflicts: [] };
      if (problem === null) return fine;
      const whole = await withObjectsHere(project, (objects) => wholeVersion(project, objects, place, was.bytes));
      const kept = was.bytes === null ? null : keptRef(was.bytes);
      const repaired = { ...fine, from: whole.from, kept, conflicts: whole.conflicts };
      if (input.dryRun) return repaired;
      if (kept !== null && was.bytes !== null) await keep(project, kept, was.bytes, place.path);
      if (await replaceText(file, whole.text, was, scratchDir(project))) return repaired;
    }
  });
}

/** What is wrong with the text of a context; null for a whole one. */
function problemOf(bytes: Buffer | null, path: string): string | null {
  if (bytes === null) return `${path} is not there.`;
  const text = textOf(bytes);
  if (text === null) return `${path} is no UTF-8 text.`;
  try {
    readContext(text, path);
  } catch (error) {
    if (!isBerthError(error)) throw error;
    return error.message;
  }
  return hasMarkers(text) ? `${path} has the markers of a merge conflict.` : null;
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

interface Whole {
  readonly text: string;
  readonly from: string;
  readonly conflicts: readonly ContextConflict[];
}

async function wholeVersion(
  project: Project,
  objects: ObjectReader,
  place: ContextPlace,
  bytes: Buffer | null,
): Promise<Whole> {
  const git = { ...project.git, dir: place.top };
  const staged = await stagesOf(git, place.path);
  const sides = sidesOf((bytes && textOf(bytes)) ?? "");
  const base = sides ? await baseText(objects, git, place.path, sides, staged.get(1)) : null;
  const merged = sides && mergeContexts({ ...sides, base: base ?? "" }, place.path);
  if (merged) return { text: merged.text, from: "merge", conflicts: merged.conflicts.map(shown) };
  const commits = await fileHistory(git, place.path);
  const versions = [
    { from: "index", object: staged.get(0) ?? null },
    ...commits.map(({ commit, after }) => ({ from: commit, object: after })),
  ];
  for (const { from, object } of versions) {
    const data = object && (await objects.read(object))?.data;
    const text = data && problemOf(data, place.path) === null ? textOf(data) : null;
    if (text !== null) return { text, from, conflicts: [] };
  }
  throw new BerthError("NOT_FOUND", `git has no whole version of ${place.path}. Nothing was changed.`, {
    hint: "Mend it by hand; see what is wrong with: berth context validate",
    facts: { path: place.path },
  });
}

function shown(conflict: DocumentConflict): ContextConflict {
  const key = conflict.part === "body" ? "" : printKeyPath(conflict.path);
  return { key, ours: conflict.ours, theirs: conflict.theirs };
}

/** The versions of a file in the index of a checkout: 0, or in a conflict 1 (base), 2 (ours) and 3 (theirs). */
async function stagesOf(git: Git, path: string): Promise<Map<number, Oid>> {
  const found = await fields(git, ["ls-files", "--stage", "-z", "--", `:(literal)${path}`]);
  return new Map(
    found.map((entry) => {
      const [, object = "", stage] = entry.split(/[ \t]/);
      return [Number(stage), oid(object)];
    }),
  );
}

/** What both sides of a conflict began with: as the index has it, as the markers tell, or where the histories meet. */
async function baseText(
  objects: ObjectReader,
  git: Git,
  path: string,
  { base }: Sides,
  staged: Oid | undefined,
): Promise<string | null> {
  const read = async (name: string): Promise<string | null> => {
    const object = await objects.read(name);
    return object?.type === "blob" ? textOf(object.data) : null;
  };
  if (staged) return read(staged);
  if (base !== null) return base;
  const { code, stdout } = await run(git, ["merge-base", "HEAD", "MERGE_HEAD"], { accept: [1, 128] });
  return code === 0 ? read(`${stdout.toString("utf8").trim().split("\n")[0]}:${path}`) : null;
}

function keptRef(bytes: Buffer): RefName {
  return refName(`refs/berth/kept/context/${sha256(bytes.toString("latin1"))}`);
}

/** @throws BerthError GIT_FAILED: a text that is not kept must not be replaced */
async function keep(project: Project, ref: RefName, bytes: Buffer, path: string): Promise<void> {
  const [blob] = await writeBlobs(project.git, scratchDir(project), [bytes]);
  const { moved, said } = await moveRefs(project.git, [{ ref, old: null, new: blob ?? null }], `damaged ${path}`);
  if (moved || (await project.objects.stat(ref))?.oid === blob) return;
  throw new BerthError("GIT_FAILED", `The damaged text could not be kept: ${said}.`, {
    hint: "Nothing was changed. Look at the repository with: berth doctor",
  });
}
