import { unixSeconds } from "../clock.ts";
import { BerthError, messageOf } from "../errors.ts";
import { changesBetween } from "../git/diff.ts";
import { type Oid, refName } from "../git/names.ts";
import { editTreeInto, readTree, type Tree } from "../git/tree.ts";
import { commitObject, type NewObject, objectOf, treeObject, writeObjects } from "../git/write-objects.ts";
import { type Project, reach } from "../project.ts";
import { formatOf, type Kept, partsOf } from "./build.ts";
import { contentOf } from "./content.ts";
import { type HeldBack, type Manifest, PART } from "./manifest.ts";
import { bytesOf } from "./path-text.ts";
import { type KeptCheckpoint, readCheckpoint } from "./read.ts";
import { looksSecret } from "./secrets.ts";

/** What of a checkpoint others may have. */
export interface Shared {
  /** The checkpoint itself, or a copy without the files that are held back; null where nothing is to be pushed. */
  readonly commit: Oid | null;
  readonly warnings: readonly string[];
}

/**
 * Pushes a checkpoint, where the settings ask for it, without the files in it that look like secrets. It is safe here
 * already, so a hub that does not take it is worth a warning. [XCS-19]
 */
export async function shareCheckpoint(
  project: Project,
  taken: { readonly ref: string; readonly commit: Oid },
): Promise<Shared> {
  if (!project.config.push.checkpoints) return { commit: null, warnings: [] };
  const kept = await readCheckpoint(project, taken.ref, taken.commit);
  const { commit, held } = await shareable(project, kept);
  const warnings =
    held.length === 0
      ? []
      : [`Held back from the hub: ${held.map(({ path, why }) => `${path} (${why})`).join(", ")}. They are kept here.`];
  const late = project.hub.kind === "local" ? null : await push(project, taken.ref, commit);
  return { commit, warnings: late === null ? warnings : [...warnings, late] };
}

async function push(project: Project, ref: string, commit: Oid): Promise<string | null> {
  try {
    const answer = await project.hub.publish([{ ref: refName(ref), old: null, new: commit }]);
    if (!answer.accepted) return `The checkpoint was not pushed: ${answer.said.split("\n")[0] ?? "refused"}`;
    await reach(project, "checkpoint.pushed", ref);
    return null;
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    return `The checkpoint was not pushed: ${messageOf(error)}`;
  }
}

/** The checkpoint, or a copy of it without what looks like a secret; the same one each time. */
async function shareable(
  project: Project,
  kept: KeptCheckpoint,
): Promise<{ readonly commit: Oid; readonly held: readonly HeldBack[] }> {
  const { manifest } = kept;
  const held = await secretsIn(project, manifest);
  const sides = await sidesOf(project, kept);
  if (held.length === 0 && sides.secret.length === 0) return { commit: kept.commit, held };
  const format = formatOf(manifest.head);
  const added: NewObject[] = [];
  const add = (object: NewObject): Oid => {
    added.push(object);
    return object.oid;
  };
  const write = (entries: Tree): Oid => add(treeObject(format, entries));
  const paths = new Set(held.map(({ path }) => path));
  const without = new Map([...paths].map((path) => [bytesOf(path), null] as const));
  const copy: Manifest = {
    ...manifest,
    tree: await editTreeInto(project.objects, manifest.tree, without, write),
    staged: await editTreeInto(project.objects, manifest.staged, without, write),
    files: manifest.files.filter(({ path }) => !paths.has(path)),
    heldBack: [...held, ...sides.secret],
  };
  const text = add(objectOf(format, "blob", Buffer.from(`${JSON.stringify(copy, null, 1)}\n`)));
  const { commits } = await contentOf(project, kept);
  const common = { author: project.caller, seconds: unixSeconds(Date.parse(manifest.at)) };
  const label = `[${manifest.session}] checkpoint`;
  const meta = add(
    commitObject(format, {
      ...common,
      tree: await editTreeInto(project.objects, null, partsOf(copy, text, sides.open), write),
      parents: commits.slice(1),
      message: `${label}: index, manifest and what was under way\n`,
    }),
  );
  const message = `${label}: ${manifest.message}\n\nWithout ${copy.heldBack.length} files that look like secrets.\n`;
  const commit = add(commitObject(format, { ...common, tree: copy.tree, parents: [manifest.head, meta], message }));
  await writeObjects(project.git, format, added);
  return { commit, held: copy.heldBack };
}

/** Files beyond the commit that look like secrets, on the disk or staged. */
async function secretsIn(project: Project, { files, head, staged }: Manifest): Promise<HeldBack[]> {
  const asked = new Map<string, Set<Oid>>();
  const ask = (path: string, blob: Oid): void => {
    const blobs = asked.get(path) ?? new Set<Oid>();
    asked.set(path, blobs.add(blob));
  };
  for (const { path, oid } of files) ask(path, oid);
  const base = await project.objects.stat(`${head}^{tree}`);
  for (const { path, to } of base ? await changesBetween(project.git, base.oid, staged) : [])
    if (to && to.mode !== "160000") ask(path, to.oid);
  const held: HeldBack[] = [];
  for (const [path, blobs] of asked) {
    for (const blob of blobs) {
      const why = await secretIn(project, path, blob);
      if (why === null) continue;
      held.push({ path, why });
      break;
    }
  }
  return held;
}

async function secretIn(project: Project, path: string, blob: Oid): Promise<string | null> {
  const found = await project.objects.read(blob);
  return found?.type === "blob" ? looksSecret(path, found.data) : null;
}

/** The sides of conflicts and what is kept besides: they have no path, so their content alone is looked at. */
async function sidesOf(
  project: Project,
  { commit }: KeptCheckpoint,
): Promise<{ readonly open: Kept[]; readonly secret: HeldBack[] }> {
  const open: Kept[] = [];
  const secret: HeldBack[] = [];
  const folder = await project.objects.stat(`${commit}^2:${PART.kept}`);
  for (const [name, { oid, mode }] of folder ? await readTree(project.objects, folder.oid) : []) {
    const why = mode === "040000" ? null : await secretIn(project, name, oid);
    if (why === null) open.push({ oid, type: mode === "040000" ? "tree" : "blob" });
    else secret.push({ path: `${PART.kept}/${name}`, why });
  }
  return { open, secret };
}
