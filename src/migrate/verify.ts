import { isBerthError } from "../errors.ts";
import { changesBetween } from "../git/diff.ts";
import type { Oid } from "../git/names.ts";
import { type Missing, unaccounted } from "./account.ts";
import type { Checkout } from "./checkout.ts";
import { type Entries, entriesAt, entryOf, fileMode, sameEntry } from "./entries.ts";
import { manifestPath } from "./manifest.ts";
import { type Manifest, type ManifestSource, type ManifestUnit, readManifest } from "./schema.ts";
import { decoded } from "./text.ts";
import { type Part, partOf } from "./unit.ts";

/** What a verification looked at, and what it did not find. */
export interface Verified {
  readonly files: number;
  readonly bytes: number;
  readonly missing: readonly Missing[];
}

/** A commit and the one before it, as they are in the repository. */
interface Commits {
  readonly checkout: Checkout;
  readonly commit: Oid;
  readonly before: Entries;
  readonly after: Entries;
  /** The manifests of runs that are taken back. */
  readonly runs: ReadonlyMap<string, Manifest>;
}

/**
 * Proves a run from its commit alone, whatever made it: every byte of every source is in a target or in the archive,
 * what the targets hold is all that the sources say, and nothing else was touched. [TKT-10]
 */
export async function verifyRun(checkout: Checkout, commit: Oid, run: string, central: string): Promise<Verified> {
  const manifest = await manifestAt(checkout, commit, run, central);
  const runs = new Map<string, Manifest>();
  for (const { restores } of manifest.units)
    if (restores !== null && !runs.has(restores))
      runs.set(restores, await manifestAt(checkout, checkout.head, restores, central));
  const [before, after] = [await entriesAt(checkout, checkout.head), await entriesAt(checkout, commit)];
  const commits: Commits = { checkout, commit, before, after, runs };
  const missing: Missing[] = [];
  const own = new Set([manifestPath(central, run)]);
  let [files, bytes] = [0, 0];
  for (const unit of manifest.units) {
    const made = madeBefore(commits, unit);
    for (const path of [...pathsOf(unit), ...(made ? pathsOf(made) : [])]) own.add(path);
    const checked = unit.restores === null ? await ofUnit(commits, unit) : ofRestored(commits, unit, made);
    files += unit.sources.length;
    bytes += checked.bytes;
    missing.push(...checked.missing);
  }
  missing.push(...(await touched(commits, manifest, own)));
  return { files, bytes, missing };
}

async function manifestAt(checkout: Checkout, commit: Oid, run: string, central: string): Promise<Manifest> {
  const file = manifestPath(central, run);
  const object = await checkout.objects.read(`${commit}:${file}`);
  return readManifest((object ? decoded(object.data) : null) ?? "", file);
}

/** Paths that the commit changes and the manifest does not tell of, or which are none of its units'. */
async function touched(
  { checkout, commit }: Commits,
  manifest: Manifest,
  own: ReadonlySet<string>,
): Promise<Missing[]> {
  const [file] = own;
  const said = new Map(manifest.changes.map((change) => [change.path, change]));
  const changes = await changesBetween(checkout.git, checkout.head, commit);
  const wrong = changes.filter(({ path, from, to }) => {
    const known = said.get(path);
    const isSaid =
      known?.before?.blob === from?.oid && known?.after?.blob === to?.oid && known?.after?.mode === to?.mode;
    return !own.has(path) || !(isSaid || path === file);
  });
  return wrong.map(({ path }) => ({ path, line: null, what: "a change that no source or target explains" }));
}

/** The paths that a unit may change. */
function pathsOf({ sources, targets }: ManifestUnit): string[] {
  const archives = sources.flatMap(({ archive }) => archive ?? []);
  return [...sources.map(({ path }) => path), ...archives, ...targets.map(({ path }) => path)];
}

/** The unit that is taken back, as the manifest of its run has it. */
function madeBefore({ runs }: Commits, { restores, name }: ManifestUnit): ManifestUnit | undefined {
  return restores === null ? undefined : runs.get(restores)?.units.find((unit) => unit.name === name);
}

interface Checked {
  readonly bytes: number;
  readonly missing: readonly Missing[];
}

async function ofUnit({ checkout, before, after }: Commits, unit: ManifestUnit): Promise<Checked> {
  const missing: Missing[] = [];
  const lacks = (path: string, what: string): number => missing.push({ path, line: null, what });
  const holders = [];
  for (const { path, blob } of unit.targets) {
    if (entryOf(after, path)?.blob !== blob) lacks(path, "the target that the manifest names");
    holders.push({ path, text: (await bytesOf(checkout, entryOf(after, path)?.blob)).text ?? "" });
  }
  const parts: Part[] = [];
  let bytes = 0;
  for (const source of unit.sources) {
    const { path, blob, archive } = source;
    if (entryOf(before, path)?.blob !== blob) lacks(path, "the source that the manifest names");
    const isKept =
      archive === null ? unit.targets.some((one) => one.blob === blob) : entryOf(after, archive)?.blob === blob;
    if (!isKept) lacks(path, "its bytes, which nothing keeps");
    const { text, size } = await bytesOf(checkout, blob);
    const part = text === null ? null : partAt(source, text);
    bytes += size;
    if (part) parts.push(part);
    else lacks(path, "a source that can be read");
  }
  return { bytes, missing: [...missing, ...accounted(parts, holders, unit)] };
}

function accounted(
  parts: readonly Part[],
  holders: readonly { path: string; text: string }[],
  unit: ManifestUnit,
): Missing[] {
  try {
    return unaccounted(parts, holders);
  } catch (error) {
    if (!isBerthError(error)) throw error;
    return [{ path: unit.targets[0]?.path ?? unit.name, line: null, what: error.message }];
  }
}

/** What is taken away for a restoration was made from what stands again, and was as it had been made. */
function ofRestored({ after }: Commits, unit: ManifestUnit, made: ManifestUnit | undefined): Checked {
  const missing: Missing[] = [];
  for (const { path, blob } of unit.sources)
    if (!made?.targets.some((target) => target.path === path && target.blob === blob))
      missing.push({ path, line: null, what: "bytes that no run made" });
  for (const { path, mode, blob } of made?.sources ?? [])
    if (!sameEntry(entryOf(after, path), { mode: fileMode(mode), blob }))
      missing.push({ path, line: null, what: "the bytes that it had before" });
  return { bytes: 0, missing };
}

/** A source as it was read then: of a board the lines that tell of the unit. */
function partAt({ path, blob, mode, role, lines }: ManifestSource, whole: string): Part | null {
  const all = whole.split(/(?<=\n)/);
  const text = lines ? all.slice(lines[0] - 1, lines[1]).join("") : whole;
  const part = partOf({ path, oid: blob, mode, text }, role);
  return "anatomy" in part ? part : null;
}

async function bytesOf(
  { objects }: Checkout,
  blob: string | undefined,
): Promise<{ text: string | null; size: number }> {
  const object = blob === undefined ? null : await objects.read(blob);
  return { text: object ? decoded(object.data) : null, size: object?.data.length ?? 0 };
}
