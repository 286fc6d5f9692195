import { writeYaml } from "../document/yaml.ts";
import type { Oid } from "../git/names.ts";
import { editTree, type TreeEdits, type TreeEntry } from "../git/tree.ts";
import { writeBlobs, writeCommit } from "../git/write.ts";
import { BerthError } from "../errors.ts";
import { type Project, scratchDir } from "../project.ts";
import type { Checkout } from "./checkout.ts";
import { entriesAt, entryOf, fileMode, sameEntry } from "./entries.ts";
import type { Content, Edit, MigrationPlan } from "./shape.ts";
import type { Manifest, ManifestEntry, ManifestUnit } from "./schema.ts";

/** Where a run's manifest is. */
export function manifestPath(central: string, run: string): string {
  return `${central}/_migrations/${run}.yml`;
}

/** The commit of a plan, in objects only, with its manifest; no branch has it yet. */
export async function commitPlan(project: Project, checkout: Checkout, plan: MigrationPlan, run: string): Promise<Oid> {
  const blobOf = await writtenBlobs(project, checkout, plan);
  const entries = await entriesAt(checkout, checkout.head);
  const changes: Manifest["changes"][number][] = [];
  for (const edit of plan.edits) {
    const before = entryOf(entries, edit.path);
    const after = edit.content === null ? null : { mode: fileMode(edit.mode), blob: blobOf(edit.content) };
    if (!sameEntry(before, after)) changes.push({ path: edit.path, before, after });
  }
  const manifest: Manifest = { run, to: plan.to, units: plan.units.map((unit) => unitOf(unit, plan, blobOf)), changes };
  const edits = new Map(changes.map(({ path, after }) => [path, treeEntry(after)]));
  const words = `Move session contexts to the ${plan.to} layout`;
  return commitEdits(project, checkout, edits, {
    file: manifestPath(project.config.context.central, run),
    text: writeYaml(manifest),
    subject: subjectOf(checkout, words),
    body: `Run ${run}; take it back with: berth migrate --rollback ${run}`,
  });
}

/** Writes a commit on top of the checkout's head; without a text the manifest goes. */
export async function commitEdits(
  project: Project,
  { git, objects, head }: Checkout,
  edits: TreeEdits,
  more: { readonly file: string; readonly text: string | null; readonly subject: string; readonly body: string },
): Promise<Oid> {
  const [blob] = more.text === null ? [] : await writeBlobs(git, scratchDir(project), [more.text]);
  const manifest: TreeEntry | null = blob === undefined ? null : { mode: "100644", oid: blob };
  const base = await objects.stat(`${head}^{tree}`);
  if (!base) throw new BerthError("UNREADABLE", `The commit ${head} cannot be read.`);
  // What is removed first makes room where a file becomes a folder.
  const ordered = [...edits].toSorted(([, a], [, b]) => Number(a !== null) - Number(b !== null));
  const tree = await editTree(git, objects, base.oid, new Map([...ordered, [more.file, manifest]]));
  const seconds = Math.floor(project.clock.now() / 1000);
  const message = `${more.subject}\n\n${more.body}\n`;
  return writeCommit(git, { tree, parents: [head], message, author: project.caller, seconds }, project.signs);
}

/** In a session's workspace commits begin with its id. */
export function subjectOf({ branch }: Pick<Checkout, "branch">, words: string): string {
  const session = /^refs\/heads\/session\/([a-z0-9][a-z0-9-]*)/.exec(branch)?.[1];
  return session === undefined ? words : `[${session}] chore: ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
}

export function treeEntry(entry: ManifestEntry): TreeEntry | null {
  return entry === null ? null : { mode: entry.mode, oid: entry.blob as Oid };
}

async function writtenBlobs(
  project: Project,
  { git }: Checkout,
  { edits }: MigrationPlan,
): Promise<(content: Content) => string> {
  const texts = edits.flatMap(({ content }) => (content && "text" in content ? [content.text] : []));
  const blobs = await writeBlobs(git, scratchDir(project), texts);
  const known = new Map(texts.map((text, at) => [text, blobs[at] ?? ""]));
  return (content) => ("oid" in content ? content.oid : (known.get(content.text) ?? ""));
}

function unitOf(
  { name, origin, restores, parts, targets }: MigrationPlan["units"][number],
  { archives }: MigrationPlan,
  blobOf: (content: Content) => string,
): ManifestUnit {
  const blobs = targets.map((target: Edit & { content: Content }) => ({
    path: target.path,
    mode: fileMode(target.mode),
    blob: blobOf(target.content),
  }));
  const sources = parts.map(({ path, role, anatomy, mode, oid, lines }) => ({
    path,
    role,
    format: anatomy.format,
    mode: fileMode(mode),
    blob: oid,
    ...(lines ? { lines: [lines[0] + 1, lines[1]] as const } : {}),
    archive: archives.get(path) ?? null,
  }));
  return { name, origin, restores: restores?.run ?? null, sources, targets: blobs };
}
