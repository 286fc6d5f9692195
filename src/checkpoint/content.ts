import type { Oid } from "../git/names.ts";
import { run } from "../git/run.ts";
import { changesBetween } from "../git/diff.ts";
import type { Project } from "../project.ts";
import { readTree } from "../git/tree.ts";
import { PART } from "./manifest.ts";
import type { KeptCheckpoint } from "./read.ts";

/** What a checkpoint holds beyond the commit that it stands on. */
export interface Content {
  /** Contents of files: on the disk, staged, of each side of a conflict, and of what is under way. */
  readonly blobs: ReadonlySet<string>;
  /** Commits that it keeps: the one it stands on, and those that are merged, picked or rebased. */
  readonly commits: readonly Oid[];
}

export async function contentOf(project: Project, { commit, manifest }: KeptCheckpoint): Promise<Content> {
  const blobs = new Set<string>(manifest.files.map(({ oid }) => oid));
  for (const { path, oid } of manifest.operation) if (path !== "ORIG_HEAD") blobs.add(oid);
  const head = await project.objects.stat(`${manifest.head}^{tree}`);
  if (head)
    for (const { to } of await changesBetween(project.git, head.oid, manifest.staged))
      if (to && to.mode !== "160000") blobs.add(to.oid);
  const kept = await project.objects.stat(`${commit}^2:${PART.kept}`);
  if (kept) for (const { oid } of (await readTree(project.objects, kept.oid)).values()) blobs.add(oid);
  const meta = await project.objects.read(`${commit}^2`);
  const named =
    meta?.data
      .toString("latin1")
      .split("\n\n", 1)[0]
      ?.matchAll(/^parent ([0-9a-f]+)$/gm) ?? [];
  return { blobs, commits: [manifest.head, ...[...named].map(([, name]) => name as Oid)] };
}

/** The contents of files that commits of branches, tags and the ledger brought in since a commit. */
export async function broughtSince(project: Project, head: Oid): Promise<ReadonlySet<string>> {
  const args = ["rev-list", "--objects", "--no-object-names", "--branches", "--remotes", "--tags", "--not", head];
  const { stdout } = await run(project.git, args);
  return new Set(stdout.toString("latin1").split("\n").filter(Boolean));
}

/** Those of the commits that neither a branch, a remote's branch nor a tag leads to, nor any of `others`. */
export async function onlyHere(
  project: Project,
  commits: readonly Oid[],
  others: readonly Oid[],
): Promise<readonly string[]> {
  const ends = [...commits, ...others.map((commit) => `^${commit}`)].map((line) => `${line}\n`).join("");
  const args = ["rev-list", "--max-count=3", "--stdin", "--not", "--branches", "--remotes", "--tags"];
  const { stdout } = await run(project.git, args, { input: ends });
  return stdout.toString("latin1").split("\n").filter(Boolean);
}
