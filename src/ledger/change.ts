import type { Oid } from "../git/names.ts";
import { editTree, entryAt, type TreeEdits, type TreeEntry } from "../git/tree.ts";
import { type Identity, writeBlobs, writeCommit } from "../git/write.ts";
import { unixSeconds } from "../clock.ts";
import { type Project, scratchDir } from "../project.ts";
import { LOCK_FILE } from "./layout.ts";
import { editLock } from "./lock-file.ts";
import { readFileAt, type LedgerTip } from "./tip.ts";

/** What a file of the ledger shall hold: text, an object that exists already, or nothing. */
export type Content = string | Buffer | TreeEntry | null;

/** One commit on the ledger as plain data: decided first, printed by `--dry-run`, carried out by `commitChange`. */
export interface LedgerChange {
  readonly message: string;
  /** Folders to move, before files are written. */
  readonly moves: readonly { readonly from: string; readonly to: string }[];
  readonly files: Readonly<Record<string, Content>>;
  readonly lock?: { readonly add?: { readonly id: string; readonly seconds: number }; readonly remove?: string };
  /** Commits that stay reachable through this one: a session's tip and snapshot. */
  readonly keeps: readonly Oid[];
}

/** Writes the change as a commit on top of `tip`, in objects only. */
export async function commitChange(
  project: Project,
  tip: LedgerTip,
  change: LedgerChange,
  author: Identity,
): Promise<Oid> {
  const tree = await editTree(project.git, project.objects, tip.tree, editsOf(project, tip, change));
  const parents = [
    tip.commit,
    ...change.keeps.filter((kept, i, all) => kept !== tip.commit && all.indexOf(kept) === i),
  ];
  const seconds = unixSeconds(project.clock.now());
  return writeCommit(project.git, { tree, parents, message: change.message, author, seconds }, project.signs);
}

async function editsOf(project: Project, tip: LedgerTip, change: LedgerChange): Promise<TreeEdits> {
  const edits = new Map<string, TreeEntry | null>();
  for (const move of change.moves) {
    const entry = await entryAt(project.objects, tip.tree, move.from);
    edits.set(move.from, null);
    edits.set(move.to, entry);
  }
  const files: Record<string, Content> = { ...change.files };
  if (change.lock) {
    const text = (await readFileAt(project, tip.tree, LOCK_FILE)) ?? "";
    files[LOCK_FILE] = editLock(text, change.lock);
  }
  const texts = Object.entries(files).filter(
    (f): f is [string, string | Buffer] => typeof f[1] === "string" || Buffer.isBuffer(f[1]),
  );
  const oids = await writeBlobs(
    project.git,
    scratchDir(project),
    texts.map(([, content]) => content),
  );
  for (const [path, content] of Object.entries(files)) {
    if (content === null) edits.set(path, null);
    else if (typeof content !== "string" && !Buffer.isBuffer(content)) edits.set(path, content);
  }
  for (const [i, [path]] of texts.entries()) {
    const written = oids[i];
    if (written) edits.set(path, { mode: path.startsWith("_bin/") ? "100755" : "100644", oid: written });
  }
  return edits;
}
