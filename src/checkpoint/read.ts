import { BerthError } from "../errors.ts";
import { type Oid, oid } from "../git/names.ts";
import { listRefs } from "../git/refs.ts";
import type { Project } from "../project.ts";
import { type Manifest, PART } from "./manifest.ts";

const CHECKPOINTS = "refs/berth/checkpoints/";

/** A checkpoint that was found again. */
export interface KeptCheckpoint {
  readonly ref: string;
  readonly commit: Oid;
  readonly manifest: Manifest;
}

/** The references of checkpoints, of one session or all of them, the oldest first. */
export async function checkpointRefs(project: Project, session?: string): Promise<[ref: string, commit: Oid][]> {
  const prefix = session === undefined ? CHECKPOINTS : `${CHECKPOINTS}${session}/`;
  const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf("/") + 1);
  return [...(await listRefs(project.git, prefix))].sort(([a], [b]) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/**
 * Finds a checkpoint by its reference, the end of its reference, or its commit (of which seven digits do).
 * @throws BerthError NOT_FOUND, USAGE when several begin so
 */
export async function findCheckpoint(project: Project, name: string): Promise<KeptCheckpoint> {
  const wanted = name.trim();
  const all = await checkpointRefs(project);
  const found = all.filter(
    ([ref, commit]) =>
      ref === wanted ||
      ref === `${CHECKPOINTS}${wanted}` ||
      ref.endsWith(`/${wanted}`) ||
      (/^[0-9a-f]{7,}$/.test(wanted) && commit.startsWith(wanted)),
  );
  const [first] = found;
  // One commit may have two names: the same work, kept twice within a second.
  if (first && found.every(([, commit]) => commit === first[1])) return readCheckpoint(project, ...first);
  if (!first)
    throw new BerthError("NOT_FOUND", `There is no checkpoint ${JSON.stringify(wanted.slice(0, 200))}.`, {
      hint: "See them with: berth checkpoint list",
    });
  throw new BerthError("USAGE", `Several checkpoints are called ${wanted}.`, {
    hint: `Say which: ${found
      .slice(0, 3)
      .map(([ref]) => ref)
      .join(", ")}`,
    facts: { found: found.map(([ref]) => ref) },
  });
}

/**
 * Reads a checkpoint and checks that it says of itself what it is.
 * @throws BerthError UNREADABLE when it is damaged, or no checkpoint
 */
export async function readCheckpoint(project: Project, ref: string, commit: Oid): Promise<KeptCheckpoint> {
  const damaged = (what: string): BerthError =>
    new BerthError("UNREADABLE", `${ref} is no whole checkpoint: ${what}.`, {
      hint: `What git has of it is shown by: git show --stat ${ref}`,
      facts: { ref, commit },
    });
  const text = await project.objects.read(`${commit}^2:${PART.manifest}`);
  if (text?.type !== "blob") throw damaged("it has no manifest");
  const manifest = parseManifest(text.data.toString("utf8"));
  if (manifest === null) throw damaged("its manifest cannot be read");
  const tree = await project.objects.stat(`${commit}^{tree}`);
  if (tree?.oid !== manifest.tree) throw damaged("its files are not those of its manifest");
  const head = await project.objects.stat(`${commit}^1`);
  if (head?.oid !== manifest.head) throw damaged("its commit is not that of its manifest");
  const staged = await project.objects.stat(`${commit}^2:${PART.staged}`);
  if (staged?.oid !== manifest.staged) throw damaged("what is staged is not what its manifest says");
  if (manifest.index) {
    const index = await project.objects.stat(`${commit}^2:${PART.index}`);
    if (index?.oid !== manifest.index.oid) throw damaged("its index is not that of its manifest");
  }
  return { ref, commit, manifest };
}

/** A reference that somebody made by hand, or another version, is not taken for a checkpoint. */
function parseManifest(text: string): Manifest | null {
  try {
    const value = JSON.parse(text) as Manifest;
    if (value.version !== 1) return null;
    const lists = [value.files, value.gone, value.folders, value.nested, value.operation, value.heldBack];
    for (const list of lists) if (!Array.isArray(list)) return null;
    for (const name of [value.tree, value.staged, value.head]) oid(name);
    const paths = [...value.files, ...value.nested, ...value.operation].map(({ path }) => path);
    return [...paths, ...value.gone, ...value.folders].every(isInside) ? value : null;
  } catch {
    return null;
  }
}

/** Whether a path stays in its folder, whoever has written it. */
function isInside(path: unknown): boolean {
  return typeof path === "string" && path !== "" && path.split("/").every((part) => !["", ".", ".."].includes(part));
}
