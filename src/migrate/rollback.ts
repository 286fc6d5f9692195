import { writeYaml } from "../document/yaml.ts";
import { BerthError } from "../errors.ts";
import { changesBetween } from "../git/diff.ts";
import type { Oid } from "../git/names.ts";
import { text } from "../git/run.ts";
import type { TreeEdits } from "../git/tree.ts";
import { type Project, reach } from "../project.ts";
import { type Checkout, putCommit } from "./checkout.ts";
import { entriesAt, entryOf, sameEntry } from "./entries.ts";
import { commitEdits, manifestPath, subjectOf, treeEntry } from "./manifest.ts";
import type { Migrated, Step } from "./shape.ts";
import { type Manifest, readManifest } from "./schema.ts";
import { decoded } from "./text.ts";

type Change = Manifest["changes"][number];

/** What becomes of the paths that a run touched. */
interface Undoing {
  readonly back: readonly Change[];
  /** Those that somebody changed since, or that would be the last place of what cannot go back. */
  readonly left: readonly (Change & { readonly why: string })[];
}

/**
 * Takes a run back with a commit: every path that it touched has its exact bytes again, unless somebody changed it
 * since. Works after any later commits and merges, and again for what was left. [TKT-10]
 * @throws BerthError NOT_FOUND for a run that there never was
 */
export async function rollBack(project: Project, checkout: Checkout, run: string, dryRun: boolean): Promise<Migrated> {
  const file = manifestPath(project.config.context.central, run);
  const manifest = await manifestAt(checkout, run, file);
  const nothing = { run, verified: null, commit: null, checked: null };
  if (manifest === null) return { ...nothing, plan: [], left: [], warnings: [`${run} was taken back already.`] };
  const undoing = await undoingOf(checkout, manifest);
  const plan = stepsOf(manifest, undoing);
  const warnings = undoing.left.map(({ path, why }) => `${path} stays as it is: ${why}`);
  const said = { plan, left: undoing.left.map(({ path }) => path), warnings };
  if (dryRun) return { ...nothing, ...said };
  await requireBlobs(checkout, undoing.back);
  const edits: TreeEdits = new Map(undoing.back.map(({ path, before }) => [path, treeEntry(before)]));
  const left = undoing.left.map(({ path, before, after }) => ({ path, before, after }));
  if (edits.size === 0 && left.length > 0) return { ...nothing, ...said };
  const commit = await commitEdits(project, checkout, edits, {
    file,
    text: left.length === 0 ? null : writeYaml({ ...manifest, changes: left }),
    subject: subjectOf(checkout, `Take the migration ${run} back`),
    body:
      left.length === 0
        ? "Every path has its bytes again."
        : `Changed since, and left: ${left.map(({ path }) => path).join(", ")}`,
  });
  await reach(project, "migrate.committed", commit);
  await requireBack(checkout, commit, undoing.back, file);
  await reach(project, "migrate.verified", run);
  await putCommit(project, checkout, commit);
  return { run, verified: true, commit, checked: { files: undoing.back.length, bytes: 0 }, ...said };
}

/** Null for a run whose manifest was here once: it was taken back. */
async function manifestAt(checkout: Checkout, run: string, file: string): Promise<Manifest | null> {
  const known = /^(?:sessions|tickets|central)-[0-9a-f]{12}$/.test(run);
  const object = known ? await checkout.objects.read(`${checkout.head}:${file}`) : null;
  if (object) return readManifest(decoded(object.data) ?? "", file);
  const last = known
    ? await text(checkout.git, ["log", "-1", "--format=%H", checkout.head, "--", `:(literal,top)${file}`])
    : "";
  if (last !== "") return null;
  throw new BerthError("NOT_FOUND", `There is no run ${run} on this branch.`, {
    hint: `Its runs are the files below ${file.replace(/[^/]+$/, "")}`,
    facts: { run },
  });
}

async function undoingOf(checkout: Checkout, { changes, units }: Manifest): Promise<Undoing> {
  const now = await entriesAt(checkout, checkout.head);
  const isFree = ({ path, before, after }: Change): boolean =>
    sameEntry(entryOf(now, path), after) || sameEntry(entryOf(now, path), before);
  const taken = new Set(changes.filter((change) => !isFree(change)).map(({ path }) => path));
  // Where a source cannot have its place again, what holds its bytes now stays.
  const bound = new Set<string>();
  for (const { sources, targets } of units) {
    for (const { path, archive } of sources) if (taken.has(path) && archive !== null) bound.add(archive);
    if (!sources.some(({ path }) => taken.has(path) && !targets.some((target) => target.path === path))) continue;
    for (const { archive } of sources) if (archive !== null) bound.add(archive);
    for (const { path } of [...sources, ...targets]) bound.add(path);
  }
  const back = changes.filter(({ path }) => !taken.has(path) && !bound.has(path));
  const left = changes
    .filter(({ path }) => taken.has(path) || bound.has(path))
    .map((change) => ({
      ...change,
      why: taken.has(change.path) ? "somebody changed it since" : "what it was made from cannot have its place again",
    }));
  return { back: back.filter(({ path, before }) => !sameEntry(entryOf(now, path), before)), left };
}

/** A shallow clone may lack what a path held before. */
async function requireBlobs({ objects }: Checkout, changes: readonly Change[]): Promise<void> {
  for (const { path, before } of changes)
    if (before !== null && !(await objects.stat(before.blob)))
      throw new BerthError("UNREADABLE", `The bytes that ${path} had are not in this clone.`, {
        hint: "Fetch the whole history (git fetch --unshallow), and run the same command again. Nothing was changed.",
        facts: { path, blob: before.blob },
      });
}

/** @throws BerthError WOULD_LOSE_WORK where a path is not what it was, or another one is not what it is */
async function requireBack(
  checkout: Checkout,
  commit: Oid,
  changes: readonly Change[],
  manifest: string,
): Promise<void> {
  const own = new Set([manifest, ...changes.map(({ path }) => path)]);
  const touched = await changesBetween(checkout.git, checkout.head, commit);
  const other = touched.find(({ path }) => !own.has(path));
  if (other) throw notBack(other.path, "would be touched, which the run never did");
  const now = await entriesAt(checkout, commit);
  for (const { path, before } of changes)
    if (!sameEntry(entryOf(now, path), before)) throw notBack(path, "would not have its bytes again");
}

function notBack(path: string, why: string): BerthError {
  return new BerthError("WOULD_LOSE_WORK", `${path} ${why}.`, {
    hint: "Nothing was changed. Something may stand in the way of its folder: look at git ls-tree HEAD there.",
    facts: { path },
  });
}

function stepsOf({ units }: Manifest, { back, left }: Undoing): Step[] {
  const paths = new Set(back.map(({ path }) => path));
  return units.map(({ name, sources, targets }) => {
    const from = targets.map(({ path }) => path).filter((path) => paths.has(path));
    const to = [...new Set(sources.map(({ path }) => path))].filter((path) => paths.has(path));
    const own = new Set([...sources, ...targets].map(({ path }) => path));
    const reason = left.find(({ path }) => own.has(path));
    return {
      action: from.length + to.length > 0 ? ("restore" as const) : ("stay" as const),
      name,
      from,
      to,
      archived: [],
      reason: reason ? `${reason.path}: ${reason.why}` : null,
    };
  });
}
