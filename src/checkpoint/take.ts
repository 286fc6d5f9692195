import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BerthError } from "../errors.ts";
import { type Oid, type RefName, refName } from "../git/names.ts";
import { type ObjectReader, openObjects } from "../git/objects.ts";
import { updateRefs } from "../git/refs.ts";
import { run } from "../git/run.ts";
import { writeObjects } from "../git/write-objects.ts";
import { requireOwnCheckout } from "../git/own-checkout.ts";
import { type Project, reach, scratchDir } from "../project.ts";
import { buildCheckpoint, type Built, formatOf, type Subject, type Telling } from "./build.ts";
import { type Look, lookAt } from "./look.ts";
import type { Manifest } from "./manifest.ts";

/** A commit that holds what a workspace is, exactly. */
export interface Checkpoint {
  readonly ref: RefName;
  readonly commit: Oid;
  /** Paths that differ from the last commit. */
  readonly files: number;
  readonly at: string;
}

/**
 * Keeps a workspace as it is: a commit on top of its HEAD whose tree holds its files byte by byte, and whose second
 * parent holds the index, what is under way, and the manifest; under `refs/berth/checkpoints/<session>/`. The
 * workspace is not touched. A clone's checkpoint is brought into the parent repository as well. [XCS-19]
 * @param options.always also when there is nothing beyond HEAD
 * @returns null when there is nothing beyond HEAD
 */
export async function takeCheckpoint(
  project: Project,
  subject: Subject,
  message: string,
  options: { readonly always?: boolean; readonly state?: unknown } = {},
): Promise<Checkpoint | null> {
  return withObjects(project, subject, async (objects) => {
    const { built } = await capture(project, objects, subject, { message, state: options.state ?? null }, options);
    return built && nameCheckpoint(project, subject, built);
  });
}

/** The objects of the repository that a workspace has for itself, or shares. */
export async function withObjects<T>(
  project: Project,
  subject: Subject,
  work: (objects: ObjectReader) => Promise<T>,
): Promise<T> {
  if (!subject.clone) return work(project.objects);
  const objects = openObjects({ ...project.git, dir: subject.dir });
  try {
    return await work(objects);
  } finally {
    objects.close();
  }
}

/**
 * Looks at a workspace and writes the objects of its checkpoint, which nothing names yet.
 * @param options.unless says that this need not be kept
 */
export async function capture(
  project: Project,
  objects: ObjectReader,
  subject: Subject,
  telling: Telling,
  options: { readonly always?: boolean; readonly unless?: (manifest: Manifest) => boolean },
): Promise<{ readonly look: Look; readonly built: Built | null }> {
  const git = { ...project.git, dir: subject.dir };
  await requireOwnCheckout(git, subject.dir);
  const look = await withScratch(project, (scratch) => {
    const commonDir = subject.clone ? subject.gitDir : project.repository.commonDir;
    const width = project.repository.objectFormat === "sha256" ? 32 : 20;
    return lookAt({ git, dir: subject.dir, gitDir: subject.gitDir, commonDir, objects, width }, scratch);
  });
  if (!options.always && isClean(look)) return { look, built: null };
  const built = await buildCheckpoint(project, objects, subject, look, telling);
  if (options.unless?.(built.manifest)) return { look, built: null };
  await writeObjects(git, formatOf(look.head), built.objects);
  await reach(project, "checkpoint.written", built.commit);
  return { look, built };
}

/** Gives a checkpoint its name, without which it would be nothing. */
export async function nameCheckpoint(project: Project, subject: Subject, built: Built): Promise<Checkpoint> {
  const { commit, manifest } = built;
  // With milliseconds, so that names are in the order of their times.
  const stamp = new Date(project.clock.now()).toISOString().replaceAll(/[-:.]/g, "");
  const ref = refName(`refs/berth/checkpoints/${subject.session}/${stamp}-${commit.slice(0, 8)}`);
  await nameIt(project, subject, ref, commit);
  await reach(project, "checkpoint.taken", ref);
  return { ref, commit, files: manifest.changed, at: manifest.at };
}

/** A folder of its own for the length of some work. */
export async function withScratch<T>(project: Project, work: (scratch: string) => Promise<T>): Promise<T> {
  await mkdir(scratchDir(project), { recursive: true });
  const scratch = await mkdtemp(join(scratchDir(project), "checkpoint-"));
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Whether HEAD alone says all of it. */
function isClean(look: Look): boolean {
  const { gone, staged, folders, operation } = look;
  const files = look.files.filter(({ path }) => !look.converted.has(path));
  const state = operation.some(({ path }) => path !== "ORIG_HEAD" && path !== "info/sparse-checkout");
  return files.length + gone.length + staged.length + folders.length === 0 && !state;
}

async function nameIt(project: Project, subject: Subject, ref: RefName, commit: Oid): Promise<void> {
  const git = subject.clone ? { ...project.git, dir: subject.dir } : project.git;
  const moved = await updateRefs(git, [{ ref, old: null, new: commit }], "berth: checkpoint");
  if (!moved && (await run(git, ["rev-parse", "--verify", "--quiet", ref], { accept: [1] })).code !== 0)
    throw new BerthError("FAILED", `The checkpoint ${commit} could not be named ${ref}.`, {
      hint: "Run the same command again; a lock file that git left is named by: berth doctor",
    });
  if (!subject.clone) return;
  const from = pathToFileURL(subject.dir).href;
  const flags = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"];
  await run(project.git, ["fetch", ...flags, from, `${ref}:${ref}`]);
}
