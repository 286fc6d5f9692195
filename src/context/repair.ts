import { replaceText } from "../disk/text-file.ts";
import { printKeyPath } from "../document/key-path.ts";
import type { DocumentConflict } from "../document/merge-front-matter.ts";
import { BerthError, isBerthError } from "../errors.ts";
import { fileHistory } from "../git/file-history.ts";
import { type RefName, refName } from "../git/names.ts";
import { moveRefs } from "../git/refs.ts";
import { writeBlobs } from "../git/write.ts";
import { sha256 } from "../hash.ts";
import { type Project, scratchDir } from "../project.ts";
import { readDocumentBytes } from "./document-file.ts";
import { locateContext } from "./locate.ts";
import { mergeContexts } from "./merge.ts";
import { withObjectsHere } from "./objects-here.ts";
import { readContext } from "./read.ts";
import { isLeftByMerge, mergedVersions, type Merging, stagesOf } from "./unmerged.ts";
import { utf8 } from "./utf8.ts";
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
  const { path, top } = place;
  const git = { ...project.git, dir: top };
  return inTurn(project, place, async (file) => {
    for (;;) {
      const was = await readDocumentBytes(file, path);
      const found = await withObjectsHere(project, async (objects) => damageOf({ objects, git, path }, was.bytes));
      if (found === null) return { path, problem: null, from: null, kept: null, conflicts: [] };
      const { problem, text, from, conflicts } = found;
      const kept = was.bytes === null ? null : keptRef(was.bytes);
      const repaired = { path, problem, from, kept, conflicts };
      if (input.dryRun) return repaired;
      if (kept !== null && was.bytes !== null) await keep(project, kept, was.bytes, path);
      if (await replaceText(file, text, was, scratchDir(project))) return repaired;
    }
  });
}

/** What is wrong with a context, and what is to stand there; null for a whole one. */
async function damageOf(at: Merging, bytes: Buffer | null): Promise<(Whole & { readonly problem: string }) | null> {
  const text = bytes && utf8(bytes);
  const isLeft = text !== null && (await isLeftByMerge(at, text));
  const problem = problemOf(bytes, at.path) ?? (isLeft ? `${at.path} has the markers of a merge conflict.` : null);
  return problem === null ? null : { problem, ...(await wholeVersion(at, text ?? "")) };
}

/** What is wrong with the text of a context; null for a whole one. */
function problemOf(bytes: Buffer | null, path: string): string | null {
  if (bytes === null) return `${path} is not there.`;
  const text = utf8(bytes);
  if (text === null) return `${path} is no UTF-8 text.`;
  try {
    readContext(text, path);
    return null;
  } catch (error) {
    if (!isBerthError(error)) throw error;
    return error.message;
  }
}

interface Whole {
  readonly text: string;
  readonly from: string;
  readonly conflicts: readonly ContextConflict[];
}

async function wholeVersion(at: Merging, text: string): Promise<Whole> {
  const { objects, git, path } = at;
  const stages = await stagesOf(at);
  const sides = await mergedVersions(at, text, stages);
  const merged = sides && mergeContexts(sides, path);
  if (merged) return { text: merged.text, from: "merge", conflicts: merged.conflicts.map(shown) };
  const commits = await fileHistory(git, path);
  const versions = [
    { from: "index", object: stages.get(0) ?? null },
    ...commits.map(({ commit, after }) => ({ from: commit, object: after })),
  ];
  for (const { from, object } of versions) {
    const data = object && (await objects.read(object))?.data;
    const whole = data && problemOf(data, path) === null ? utf8(data) : null;
    if (whole !== null) return { text: whole, from, conflicts: [] };
  }
  throw new BerthError("NOT_FOUND", `git has no whole version of ${path}. Nothing was changed.`, {
    hint: "Mend it by hand; see what is wrong with: berth context validate",
    facts: { path },
  });
}

function shown(conflict: DocumentConflict): ContextConflict {
  const key = conflict.part === "body" ? "" : printKeyPath(conflict.path);
  return { key, ours: conflict.ours, theirs: conflict.theirs };
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
