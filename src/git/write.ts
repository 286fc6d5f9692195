import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Oid } from "./names.ts";
import { oid } from "./names.ts";
import { type Git, text } from "./run.ts";

/** Who made a commit, as git records it. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

export interface CommitPlan {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly message: string;
  readonly author: Identity;
  /** Unix seconds. */
  readonly seconds: number;
}

/**
 * Writes blobs exactly as given (no filters, no line-end conversion).
 * @param scratch a folder for the short life of the call, on a file system of ours
 */
export async function writeBlobs(git: Git, scratch: string, contents: readonly (string | Buffer)[]): Promise<Oid[]> {
  if (contents.length === 0) return [];
  if (contents.length === 1) {
    return [oid(await text(git, ["hash-object", "-w", "--no-filters", "--stdin"], { input: contents[0] ?? "" }))];
  }
  await mkdir(scratch, { recursive: true });
  const dir = await mkdtemp(join(scratch, "blobs-"));
  try {
    const files = await Promise.all(
      contents.map(async (content, i) => {
        const file = join(dir, String(i));
        await writeFile(file, content);
        return file;
      }),
    );
    const said = await text(git, ["hash-object", "-w", "--no-filters", "--stdin-paths"], {
      input: files.join("\n") + "\n",
    });
    return said.split("\n").map(oid);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Writes a commit, signed where the user's `commit.gpgSign` asks for it. */
export async function writeCommit(git: Git, plan: CommitPlan, sign: boolean): Promise<Oid> {
  const args = ["commit-tree", plan.tree, ...plan.parents.flatMap((parent) => ["-p", parent])];
  if (sign) args.push("-S");
  const when = `${plan.seconds} +0000`;
  const env = {
    GIT_AUTHOR_NAME: plan.author.name,
    GIT_AUTHOR_EMAIL: plan.author.email,
    GIT_AUTHOR_DATE: when,
    GIT_COMMITTER_NAME: plan.author.name,
    GIT_COMMITTER_EMAIL: plan.author.email,
    GIT_COMMITTER_DATE: when,
  };
  return oid(await text(git, args, { input: plan.message, env }));
}
