import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { BerthError } from "../errors.ts";
import { setIndexTime, sharedIndexOf } from "../git/index-file.ts";
import type { ObjectReader } from "../git/objects.ts";
import { withPrivateIndex } from "../git/private-index.ts";
import { run } from "../git/run.ts";
import { type Project, reach } from "../project.ts";
import { plainEntries } from "./look.ts";
import type { Manifest } from "./manifest.ts";
import { OPERATION } from "./operation.ts";
import { bytesOf, textOf } from "./path-text.ts";
import type { KeptCheckpoint } from "./read.ts";
import { bringFilesBack } from "./restore-files.ts";
import { type HeadMove, moveHead, planHead } from "./restore-head.ts";
import { absentPaths, changesOnDisk, type FileChange, inTheWay } from "./restore-plan.ts";
import { type Built, formatOf, type Subject } from "./build.ts";
import { capture, type Checkpoint, nameCheckpoint, withObjects, withScratch } from "./take.ts";

/** What a restoring is to do, as plain data. */
export interface RestorePlan {
  readonly checkpoint: string;
  readonly dir: string;
  readonly writes: readonly string[];
  readonly removes: readonly string[];
  /** Where HEAD goes; null when it stays. */
  readonly head: HeadMove | null;
  /** Repositories inside that the checkpoint names and does not hold. */
  readonly leftOut: readonly string[];
}

export interface Restored extends RestorePlan {
  /** What was there before, kept; null for a new folder. */
  readonly before: Checkpoint | null;
}

interface Prepared {
  readonly plan: RestorePlan;
  readonly changes: readonly FileChange[];
  readonly present: Built;
}

export interface RestoreOptions {
  readonly dryRun: boolean;
  /** A work tree that was made for this: nothing in it needs to be kept. */
  readonly fresh: boolean;
  /** Go on although repositories inside are left out. */
  readonly leaveOut: boolean;
}

/**
 * Makes a work tree exactly what a checkpoint holds: files, index, what was under way, and HEAD. What is there before is
 * kept in a checkpoint of its own, so a run that was killed is run again. It is exact, or refuses with nothing changed.
 * [XCS-19]
 * @throws BerthError CHECKOUT_OVERLAP with what is in the way; WOULD_LOSE_WORK when something changes meanwhile
 */
export async function restoreCheckpoint(
  project: Project,
  subject: Subject,
  kept: KeptCheckpoint,
  options: RestoreOptions,
): Promise<Restored> {
  requireWhole(kept);
  if (subject.clone) await bringHere(project, subject, kept);
  return withObjects(project, subject, async (objects) => {
    const prepared = await prepare(project, objects, subject, kept, options);
    if (options.dryRun) return { ...prepared.plan, before: null };
    const before = options.fresh ? null : await nameCheckpoint(project, subject, prepared.present);
    await reach(project, "restore.planned", kept.ref);
    await apply(project, objects, subject, kept.manifest, prepared);
    await requireExact(project, objects, subject, kept);
    await reach(project, "restore.done", subject.dir);
    return { ...prepared.plan, before };
  });
}

/** What was pushed may be without files: it cannot become exactly what was there. */
function requireWhole({ ref, manifest }: KeptCheckpoint): void {
  const { heldBack } = manifest;
  if (heldBack.length === 0) return;
  const paths = heldBack.map(({ path }) => path);
  throw new BerthError("GATE_REFUSED", `This copy of the checkpoint is without ${paths.join(", ")}.`, {
    hint: `The whole is where it was taken. What is here can be read with: git show ${ref}:PATH`,
    facts: { heldBack },
  });
}

/** A clone has its own objects: a checkpoint that was dropped there is fetched from the parent. */
async function bringHere(project: Project, subject: Subject, kept: KeptCheckpoint): Promise<void> {
  const dir = subject.dir;
  const known = await run(project.git, ["cat-file", "-e", kept.commit], { dir, accept: [1, 128] });
  if (known.code === 0) return;
  const from = pathToFileURL(project.repository.commonDir).href;
  await run(project.git, ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", from, `${kept.ref}:${kept.ref}`], {
    dir,
  });
}

async function prepare(
  project: Project,
  objects: ObjectReader,
  subject: Subject,
  kept: KeptCheckpoint,
  options: RestoreOptions,
): Promise<Prepared> {
  const { manifest } = kept;
  const telling = { message: `before ${kept.ref.slice(kept.ref.lastIndexOf("/") + 1)} was restored`, state: null };
  const { look, built } = await capture(project, objects, subject, telling, { always: true });
  if (!built) throw new BerthError("FAILED", `${subject.dir} could not be looked at.`);
  const leftOut = requireSameNested(subject.dir, built.manifest, manifest, options);
  const git = { ...project.git, dir: subject.dir };
  const from = { tree: built.manifest.tree, absent: absentPaths(look.entries, built.manifest) };
  const to = { tree: manifest.tree, absent: await absentThere(project, objects, subject, manifest) };
  const changes = await changesOnDisk(git, from, to);
  const blocked = await inTheWay(subject.dir, formatOf(manifest.head), changes, manifest.folders.map(bytesOf));
  if (blocked.length > 0)
    throw new BerthError(
      "CHECKOUT_OVERLAP",
      `Files that no checkpoint holds are in the way in ${subject.dir}: ${blocked.slice(0, 5).join(", ")}.`,
      {
        hint: `Move them away, or restore into a new folder: berth checkpoint restore ${kept.ref} --to DIR`,
        facts: { checkout: subject.dir, paths: blocked },
      },
    );
  const plan: RestorePlan = {
    checkpoint: kept.ref,
    dir: subject.dir,
    writes: changes.filter(({ to: next }) => next !== null).map(({ path }) => textOf(path)),
    removes: changes.filter(({ to: next }) => next === null).map(({ path }) => textOf(path)),
    head: options.fresh ? null : await planHead(project, subject, built.manifest, kept),
    leftOut,
  };
  return { plan, changes, present: built };
}

/** Repositories inside are no part of a checkpoint: they must be as they were, or, in a new folder, be given up. */
function requireSameNested(dir: string, now: Manifest, then: Manifest, options: RestoreOptions): string[] {
  const wanted = then.nested.filter(({ present }) => present);
  if (options.fresh) {
    if (wanted.length === 0 || options.leaveOut) return wanted.map(({ path }) => path);
    throw new BerthError("GATE_REFUSED", `The checkpoint holds no repositories inside: ${named(wanted)}.`, {
      hint: "Restore it without them by adding --leave-out, and clone them there by hand.",
      facts: { leftOut: wanted },
    });
  }
  const here = new Map(now.nested.filter(({ present }) => present).map((one) => [one.path, one.head]));
  const other = wanted.filter(({ path, head }) => !here.has(path) || here.get(path) !== head);
  if (other.length > 0)
    throw new BerthError("GATE_REFUSED", `Repositories in ${dir} are not as they were: ${named(other)}.`, {
      hint: "Bring them to the commits named here with git, and run the same command again.",
      facts: { nested: other, present: now.nested },
    });
  const more = [...here.keys()].filter((path) => !wanted.some((one) => one.path === path));
  if (more.length > 0)
    throw new BerthError("GATE_REFUSED", `There are repositories in ${dir} that were not there: ${more.join(", ")}.`, {
      hint: "Move them away, and run the same command again.",
      facts: { nested: more },
    });
  return [];
}

function named(nested: readonly { readonly path: string; readonly head: string | null }[]): string {
  return nested.map(({ path, head }) => `${path} at ${head?.slice(0, 10) ?? "no commit"}`).join(", ");
}

/** What the sparse checkout of the checkpoint leaves out. */
async function absentThere(
  project: Project,
  objects: ObjectReader,
  subject: Subject,
  manifest: Manifest,
): Promise<Set<string>> {
  if (!manifest.index) return new Set();
  const index = await objects.read(manifest.index.oid);
  if (!index) throw new BerthError("UNREADABLE", "The index of the checkpoint is not in this repository.");
  return withScratch(project, async (scratch) => {
    const copy = join(scratch, "index");
    await writeFile(copy, index.data);
    const width = manifest.head.length / 2;
    const shared = sharedIndexOf(index.data, width);
    const half = manifest.operation.find(({ path }) => path === shared);
    const data = half && (await objects.read(half.oid))?.data;
    if (half && data) await writeFile(join(scratch, half.path), data);
    const tree = { git: { ...project.git, dir: subject.dir }, dir: subject.dir, width };
    return absentPaths(await plainEntries(tree, index.data, copy), manifest);
  });
}

async function apply(
  project: Project,
  objects: ObjectReader,
  subject: Subject,
  wanted: Manifest,
  { changes, present, plan }: Prepared,
): Promise<void> {
  const format = formatOf(wanted.head);
  const dropped = present.manifest.folders.map(bytesOf);
  await bringFilesBack({ dir: subject.dir, objects, format }, changes, wanted, dropped);
  await reach(project, "restore.files", subject.dir);
  for (const name of OPERATION) {
    const keeps = wanted.operation.some(({ path }) => path === name || path.startsWith(`${name}/`));
    if (!keeps || present.manifest.operation.some(({ path }) => path.startsWith(`${name}/`)))
      await rm(join(subject.gitDir, name), { recursive: true, force: true });
  }
  for (const { path, oid } of wanted.operation) {
    const file = await objects.read(oid);
    if (!file) throw new BerthError("UNREADABLE", `${path} of the checkpoint is not in this repository.`);
    await mkdir(dirname(join(subject.gitDir, path)), { recursive: true });
    await writeFile(join(subject.gitDir, `${path}.berth`), file.data, { flush: true });
    await rename(join(subject.gitDir, `${path}.berth`), join(subject.gitDir, path));
  }
  if (plan.head) await moveHead(project, subject, plan.head);
  await reach(project, "restore.state", subject.dir);
  await bringIndexBack(objects, subject, wanted);
}

/** The very bytes, with the time they had: git trusts no entry that is as young as its index. */
async function bringIndexBack(objects: ObjectReader, subject: Subject, wanted: Manifest): Promise<void> {
  const { index } = wanted;
  const found = index && (await objects.read(index.oid));
  if (index && !found) throw new BerthError("UNREADABLE", "The index of the checkpoint is not in this repository.");
  await withPrivateIndex(subject.dir, async ({ GIT_INDEX_FILE: copy }) => {
    await rm(copy, { force: true });
    if (!index || !found) return rm(join(subject.gitDir, "index"), { force: true });
    await writeFile(copy, found.data, { flush: true });
    return setIndexTime(copy, index.mtimeMs);
  });
}

/** Looks at the result: what is not exactly the checkpoint is never reported as restored. */
async function requireExact(
  project: Project,
  objects: ObjectReader,
  subject: Subject,
  { manifest: wanted, ref }: KeptCheckpoint,
): Promise<void> {
  const { built } = await capture(project, objects, subject, { message: "restored", state: null }, { always: true });
  const now = built?.manifest;
  const same = (a: readonly string[] = [], b: readonly string[] = []): boolean =>
    a.toSorted().join("\0") === b.toSorted().join("\0");
  const differs = [
    now?.tree === wanted.tree ? "" : "files",
    now?.staged === wanted.staged && now.index?.oid === wanted.index?.oid ? "" : "the index",
    same(now?.folders, wanted.folders) ? "" : "empty folders",
    same(now?.gone, wanted.gone) ? "" : "files that were missing",
    now?.head === wanted.head ? "" : "HEAD",
  ].filter((word) => word !== "");
  if (differs.length === 0) return;
  throw new BerthError("FAILED", `${subject.dir} is not exactly what ${ref} holds: ${differs.join(", ")}.`, {
    hint: "Something else writes there. Stop it, and run the same command again; what was there before is kept.",
    facts: { dir: subject.dir, differs, found: now?.tree ?? null, wanted: wanted.tree },
  });
}
