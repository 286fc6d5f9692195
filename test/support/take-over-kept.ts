import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Berth } from "../../src/open.ts";
import { photograph } from "./photograph.ts";
import type { Sandbox } from "./sandbox.ts";

/** All that a workspace holds: what is on its disk, what is staged, and the commit that it stands on. */
export interface Holdings {
  readonly dir: string;
  /** Paths to a mode of git with content in base64, the target of a link, or `empty` for a folder. */
  readonly files: Readonly<Record<string, string>>;
  readonly ignored: ReadonlySet<string>;
  /** Mode, content, stage and path of all that is in the index. */
  readonly staged: readonly string[];
  readonly head: string;
}

/** What a take-over came to: its words, and where the next agent works. */
export interface TakenOver {
  readonly said: readonly string[];
  readonly dir: string;
}

export function holdings(box: Sandbox, dir: string): Holdings {
  const { files } = photograph(box, dir);
  return {
    dir,
    files: Object.fromEntries(Object.entries(files).map(([path, what]) => [path, what.replace(/^\d+/, modeOf)])),
    ignored: new Set(linesOf(box, dir, "ls-files", "-z", "--others", "--ignored", "--exclude-standard")),
    staged: linesOf(box, dir, "ls-files", "-z", "--stage"),
    head: box.git(dir, "rev-parse", "HEAD"),
  };
}

/** git knows of a file whether it may be executed, and no more. */
function modeOf(mode: string): string {
  return (Number.parseInt(mode, 8) & 0o100) === 0 ? "644" : "755";
}

function linesOf(box: Sandbox, dir: string, ...args: string[]): string[] {
  return box
    .git(dir, ...args)
    .split("\0")
    .filter(Boolean);
}

/**
 * What of a workspace neither the next agent has nor the take-over's words lead to. Where they name a checkpoint, all of
 * it must come back from there, and by the command that they name.
 */
export async function lostBytes(box: Sandbox, berth: Berth, before: Holdings, taken: TakenOver): Promise<string[]> {
  const problems = unreachable(box, before, taken);
  const words = taken.said.join("\n");
  const [ref] = /refs\/berth\/checkpoints\/[^\s,]+?(?=[.,]?\s|$)/m.exec(words) ?? [];
  const left = [...before.ignored].filter((path) => !path.startsWith(".session/"));
  if (left.length > 0 && !words.includes(before.dir)) problems.push(`nothing names the folder of ${left.join(", ")}`);
  const wanted = kept(before);
  if (ref === undefined) return [...problems, ...notCommitted(box, before, wanted)];
  const back = join(box.dir, "back");
  await berth.checkpointRestore({ ref, to: back });
  const found = holdings(box, back);
  problems.push(...differing(`restored from ${ref}`, wanted, found.files));
  if (found.staged.join("\n") !== before.staged.join("\n")) problems.push(`${ref} has another index`);
  if (found.head !== before.head) problems.push(`${ref} stands on another commit`);
  const [command] = /(?<=in the new workspace: ).*$/m.exec(words) ?? [];
  if (command === undefined) return [...problems, "no command is named that goes on with it"];
  execFileSync("sh", ["-c", command], { cwd: taken.dir, stdio: "pipe" });
  const own = ([path, what]: [string, string]): boolean => !path.startsWith(".session/") && what !== "empty";
  const work = (files: Holdings["files"]): Holdings["files"] => Object.fromEntries(Object.entries(files).filter(own));
  return [...problems, ...differing("gone on with", work(wanted), work(holdings(box, taken.dir).files))];
}

/** Everything on the disk but what is ignored, which stays where it is. */
function kept({ files, ignored }: Holdings): Holdings["files"] {
  return Object.fromEntries(Object.entries(files).filter(([path]) => !ignored.has(path)));
}

function unreachable(box: Sandbox, before: Holdings, taken: TakenOver): string[] {
  const problems: string[] = [];
  const refs = box.git(taken.dir, "for-each-ref", "--format=%(refname)", "--contains", before.head);
  if (refs === "") problems.push(`${before.head} is in no reference`);
  if (!existsSync(before.dir)) return [...problems, "the old workspace is gone"];
  const still = holdings(box, before.dir);
  return [...problems, ...differing("left in the old workspace", before.files, still.files)];
}

/** Without a checkpoint the last commit says all of it. */
function notCommitted(box: Sandbox, before: Holdings, wanted: Holdings["files"]): string[] {
  const tree = linesOf(box, before.dir, "ls-tree", "-r", "-z", before.head).map((line) => line.replace(" blob ", " "));
  const staged = before.staged.map((line) => line.replace(" 0\t", "\t"));
  const problems = staged.join("\n") === tree.join("\n") ? [] : ["what is staged is in no checkpoint"];
  const committed = new Map(tree.map((line) => [line.slice(line.indexOf("\t") + 1), line.split("\t")[0] ?? ""]));
  for (const [path, what] of Object.entries(wanted))
    if (what !== "empty" && committed.get(path) !== asEntry(what)) problems.push(`${path} is in no checkpoint`);
  return problems;
}

/** A file as a tree of git names it. */
function asEntry(what: string): string {
  const link = what.startsWith("-> ");
  const bytes = link ? Buffer.from(what.slice(3)) : Buffer.from(what.slice(4), "base64");
  const name = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
  return `${link ? "120000" : `100${what.slice(0, 3)}`} ${name}`;
}

function differing(where: string, wanted: Holdings["files"], found: Holdings["files"]): string[] {
  const paths = new Set([...Object.keys(wanted), ...Object.keys(found)]);
  return [...paths]
    .filter((path) => wanted[path] !== found[path])
    .map((path) => `${path}, ${where}: ${brief(wanted[path])} became ${brief(found[path])}`);
}

function brief(what: string | undefined): string {
  return what === undefined ? "nothing" : what.slice(0, 60);
}
