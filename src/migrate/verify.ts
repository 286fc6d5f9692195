import { isBerthError } from "../errors.ts";
import { changesBetween } from "../git/diff.ts";
import type { Oid } from "../git/names.ts";
import { type Missing, unaccounted } from "./account.ts";
import type { Checkout } from "./checkout.ts";
import { entryOf, manifestPath, sameEntry } from "./manifest.ts";
import { type Manifest, type ManifestSource, type ManifestUnit, readManifest } from "./schema.ts";
import { decoded } from "./text.ts";
import { type Part, partOf } from "./unit.ts";

/** What a verification looked at, and what it did not find. */
export interface Verified {
  readonly files: number;
  readonly bytes: number;
  readonly missing: readonly Missing[];
}

/**
 * Proves a run from its commit alone, whatever made it: every byte of every source is in a target or in the archive,
 * what the targets hold is all that the sources say, and nothing else was touched. [TKT-10]
 */
export async function verifyRun(checkout: Checkout, commit: Oid, run: string, central: string): Promise<Verified> {
  const file = manifestPath(central, run);
  const manifest = readManifest(await textAt(checkout, commit, file), file);
  const missing: Missing[] = [];
  const own = new Set<string>();
  let [files, bytes] = [0, 0];
  for (const unit of manifest.units) {
    for (const { blob } of unit.sources) {
      files += 1;
      bytes += (await checkout.objects.read(blob))?.data.length ?? 0;
    }
    const made = await madeBefore(checkout, unit, central);
    for (const path of [...pathsOf(unit), ...(made ? pathsOf(made) : [])]) own.add(path);
    missing.push(
      ...(unit.restores === null
        ? await ofUnit(checkout, commit, unit)
        : await ofRestored(checkout, commit, unit, made)),
    );
  }
  missing.push(...(await touched(checkout, commit, manifest, file, own)));
  return { files, bytes, missing };
}

/** Paths that the commit changes and the manifest does not tell of, or which are none of its units'. */
async function touched(
  { git, head }: Checkout,
  commit: Oid,
  manifest: Manifest,
  file: string,
  own: ReadonlySet<string>,
): Promise<Missing[]> {
  const said = new Map(manifest.changes.map((change) => [change.path, change]));
  const changes = (await changesBetween(git, head, commit)).filter(({ path }) => path !== file);
  const wrong = changes.filter(({ path, from, to }) => {
    const known = said.get(path);
    const isSaid =
      known?.before?.blob === from?.oid && known?.after?.blob === to?.oid && known?.after?.mode === to?.mode;
    return !isSaid || !own.has(path);
  });
  return wrong.map(({ path }) => ({ path, line: null, what: "a change that no source or target explains" }));
}

/** The paths that a unit may change. */
function pathsOf({ sources, targets }: ManifestUnit): string[] {
  const archives = sources.flatMap(({ archive }) => archive ?? []);
  return [...sources.map(({ path }) => path), ...archives, ...targets.map(({ path }) => path)];
}

/** The unit that is taken back, as the manifest of its run has it. */
async function madeBefore(checkout: Checkout, unit: ManifestUnit, central: string): Promise<ManifestUnit | undefined> {
  if (unit.restores === null) return undefined;
  const file = manifestPath(central, unit.restores);
  return readManifest(await textAt(checkout, checkout.head, file), file).units.find(({ name }) => name === unit.name);
}

async function ofUnit(checkout: Checkout, commit: Oid, unit: ManifestUnit): Promise<Missing[]> {
  const missing: Missing[] = [];
  const parts: Part[] = [];
  const holders = [];
  for (const { path } of unit.targets) holders.push({ path, text: await textAt(checkout, commit, path) });
  for (const source of unit.sources) {
    const { path, blob, archive } = source;
    const before = await entryOf(checkout, path);
    const kept = archive === null ? unit.targets.some((one) => one.blob === blob) : false;
    const archived = archive === null ? null : await entryOf(checkout, archive, commit);
    if (before?.blob !== blob) missing.push({ path, line: null, what: "the source that the manifest names" });
    if (!kept && archived?.blob !== blob) missing.push({ path, line: null, what: "its bytes, which nothing keeps" });
    const part = await partAt(checkout, source);
    if (part) parts.push(part);
    else missing.push({ path, line: null, what: "a source that can be read" });
  }
  return [...missing, ...accounted(parts, holders, unit)];
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
async function ofRestored(
  checkout: Checkout,
  commit: Oid,
  unit: ManifestUnit,
  made: ManifestUnit | undefined,
): Promise<Missing[]> {
  const missing: Missing[] = [];
  for (const { path, blob } of unit.sources)
    if (!made?.targets.some((target) => target.path === path && target.blob === blob))
      missing.push({ path, line: null, what: "bytes that no run made" });
  for (const { path, mode, blob } of made?.sources ?? []) {
    const now = await entryOf(checkout, path, commit);
    if (!sameEntry(now, { mode: mode === "100755" ? mode : "100644", blob }))
      missing.push({ path, line: null, what: "the bytes that it had before" });
  }
  return missing;
}

async function partAt(checkout: Checkout, source: ManifestSource): Promise<Part | null> {
  const { path, blob, mode, role, lines } = source;
  const object = await checkout.objects.read(blob);
  const whole = object ? decoded(object.data) : null;
  if (whole === null) return null;
  const own = lines
    ? whole
        .split(/(?<=\n)/)
        .slice(lines[0] - 1, lines[1])
        .join("")
    : whole;
  const part = partOf({ path, oid: blob, mode, text: own }, role);
  return "anatomy" in part ? part : null;
}

async function textAt({ objects }: Checkout, commit: Oid, path: string): Promise<string> {
  const object = await objects.read(`${commit}:${path}`);
  return (object ? decoded(object.data) : null) ?? "";
}
