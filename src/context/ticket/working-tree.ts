import { lstat, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { BerthError } from "../../errors.ts";
import { changesBetween } from "../../git/diff.ts";
import { type Oid, oid } from "../../git/names.ts";
import { mergeBase } from "../../git/refs.ts";
import { fields, run, text } from "../../git/run.ts";
import { randomHex } from "../../hash.ts";
import { type Project, scratchDir } from "../../project.ts";
import { type TicketFiles, ticketFilesAt, ticketFolder } from "./files.ts";

/** A ticket's folder as HEAD of a checkout has it, and as a commit of the folder alone would. */
interface CheckoutFiles {
  readonly head: Oid;
  /** HEAD's tree with the folder as its files are now. */
  readonly tree: Oid;
  readonly before: TicketFiles | null;
  readonly after: TicketFiles | null;
}

/** Reads a ticket's folder in a checkout through an index of our own: neither its files nor its index change. */
export async function checkoutFiles(project: Project, top: string, name: string): Promise<CheckoutFiles> {
  if (project.here.commonDir !== project.repository.commonDir)
    throw new BerthError("WRONG_STATE", "Tickets are worked on in work trees, and this workspace is a clone.", {
      hint: "Claim with: berth claim ID --workspace worktree",
    });
  const head = oid(await text(project.git, ["rev-parse", "--verify", "HEAD^{commit}"], { dir: top }));
  await mkdir(scratchDir(project), { recursive: true });
  const index = join(scratchDir(project), `ticket-index-${randomHex(8)}`);
  const options = { dir: top, env: { GIT_INDEX_FILE: index } };
  try {
    await run(project.git, ["read-tree", head], options);
    const before = await ticketFilesAt(project, head, name);
    const folder = ticketFolder(project, name);
    const there = before !== null || (await lstat(join(top, folder)).catch(() => null)) !== null;
    if (there) {
      await takeStaged(project, top, folder, options.env);
      await run(project.git, ["add", "--all", "--", `:(literal)${folder}`], options);
    }
    const tree = oid(await text(project.git, ["write-tree"], options));
    return { head, tree, before, after: await ticketFilesAt(project, tree, name) };
  } finally {
    await rm(index, { force: true });
    await rm(`${index}.lock`, { force: true });
  }
}

/** What the checkout's own index has of the folder comes first: files that are ignored, and were added all the same. */
async function takeStaged(
  project: Project,
  top: string,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const list = ["ls-files", "--stage", "-z", "--", `:(literal)${folder}`];
  const was = await fields(project.git, list, { dir: top, env });
  // A place in conflict has its file alone.
  const staged = (await fields(project.git, list, { dir: top })).filter((line) => line.split("\t")[0]?.endsWith(" 0"));
  const gone = was.map(
    (line) => `0 ${"0".repeat(line.split(" ")[1]?.length ?? 40)}\t${line.slice(line.indexOf("\t") + 1)}`,
  );
  const input = [...gone, ...staged].map((line) => `${line}\0`).join("");
  await run(project.git, ["update-index", "-z", "--index-info"], { dir: top, env, input });
}

/** The blobs that a tree has and the base branch does not, where they branched off, with their sizes. */
export async function newBlobs(
  project: Project,
  base: Oid | null,
  head: Oid,
  tree: Oid,
): Promise<{ path: string; size: number }[]> {
  const from = base === null ? null : await mergeBase(project.git, base, head);
  const changes = from === null ? [] : await changesBetween(project.git, from, tree);
  const blobs = changes.flatMap(({ path, to }) => (to?.mode.startsWith("100") ? [{ path, oid: to.oid }] : []));
  if (blobs.length === 0) return [];
  const said = await text(project.git, ["cat-file", "--batch-check=%(objectsize)"], {
    input: `${blobs.map((blob) => blob.oid).join("\n")}\n`,
  });
  const sizes = said.split("\n").map(Number);
  return blobs.map(({ path }, at) => ({ path, size: sizes[at] ?? 0 }));
}
