import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { bringTo, type Checkout, changedFiles, filesAt, writeFileOf } from "./checkout.ts";
import {
  type Answer,
  behind,
  type Call,
  type Command,
  fail,
  indexFile,
  operands,
  pathsOf,
  say,
  setting,
  topOf,
  valueOf,
} from "./call.ts";
import { isAncestor } from "./history.ts";
import { addFile, loadIndex, saveIndex, untrackedIn } from "./index.ts";
import { mergeCommits } from "./merge.ts";
import { commitOf, putCommit, treeWith } from "./objects.ts";
import { logCommit, setHead } from "./plumbing.ts";
import { headCommit, headOf, need, type Place, Refusal, workTreesOf } from "./repository.ts";

function checkoutOf(call: Call): Checkout {
  const { repository, top } = call.place;
  return { objects: repository.objects, top: top ?? "", index: indexFile(call), touch: touching(call) };
}

function touching({ now }: Pick<Call, "now">): (file: string) => void {
  return (file) => utimesSync(file, now() / 1000, now() / 1000);
}

const readTree: Command = (call) => {
  const { place, args } = call;
  const trees = operands(args).map((name) => filesAt(place.repository.objects, need(place, name)));
  const [first = new Map(), second] = trees;
  if (!args.includes("-m")) saveIndex(indexFile(call), new Map(first));
  else
    bringTo(checkoutOf(call), second ? first : null, second ?? first, {
      update: args.includes("-u"),
      dry: args.includes("-n"),
    });
  return say();
};

const checkoutIndex: Command = (call) => {
  const index = loadIndex(indexFile(call));
  for (const path of call.input.toString("latin1").split("\0").filter(Boolean)) {
    const entry = index.get(path);
    if (entry) writeFileOf(checkoutOf(call), path, entry);
  }
  return say();
};

const updateIndex: Command = (call) => {
  const { args, input } = call;
  const file = indexFile(call);
  const index = loadIndex(file);
  const fields =
    args.includes("--stdin") || args.includes("--index-info")
      ? input.toString("latin1").split("\0").filter(Boolean)
      : [];
  for (const field of fields) {
    const [, mode = "", oid = "", path = ""] = /^(\d+) ([0-9a-f]+)\t([^]*)$/.exec(field) ?? [];
    if (args.includes("--index-info")) {
      if (mode === "0") index.delete(path);
      else index.set(path, { mode, oid });
      continue;
    }
    const entry = addFile(call.place.repository.objects, topOf(call), field);
    if (entry) index.set(field, entry);
    else index.delete(field);
  }
  saveIndex(file, index);
  return say();
};

const writeTree: Command = (call) => say(`${treeWith(call.place.repository.objects, loadIndex(indexFile(call)))}\n`);

const addAll: Command = (call) => {
  const file = indexFile(call);
  const index = loadIndex(file);
  const { objects, dir } = call.place.repository;
  const top = topOf(call);
  const wanted = pathsOf(behind(call.args)).filter((path) => path !== ":" && path !== "." && path !== "");
  const paths = [
    ...changedFiles(top, index).keys(),
    ...untrackedIn(top, dir, index).loose.map((path) => Buffer.from(path).toString("latin1")),
  ];
  for (const path of paths) {
    if (wanted.length > 0 && !wanted.some((own) => path === own || path.startsWith(`${own}/`))) continue;
    const entry = addFile(objects, top, path);
    if (entry) index.set(path, entry);
    else index.delete(path);
  }
  saveIndex(file, index);
  return say();
};

const commit: Command = (call) => {
  const { place, args, now } = call;
  const { objects } = place.repository;
  const message = valueOf(args, "-m") ?? "";
  const head = headCommit(place.repository, place.gitDir);
  const file = indexFile(call);
  const index = loadIndex(file);
  let files = index;
  if (args.includes("--only")) {
    files = new Map(head === null ? [] : filesAt(objects, head));
    for (const path of pathsOf(behind(args))) {
      const entry = addFile(objects, topOf(call), path);
      for (const side of [files, index]) {
        if (entry) side.set(path, entry);
        else side.delete(path);
      }
    }
  }
  const tree = treeWith(objects, files);
  if (head !== null && commitOf(objects, head).tree === tree) return fail(1, "nothing to commit");
  const [author, email] = [setting(call, "user.name") ?? "somebody", setting(call, "user.email") ?? "s@x"];
  const parents = head === null ? [] : [head];
  const made = putCommit(objects, { tree, parents, author, email, seconds: Math.floor(now() / 1000), message });
  saveIndex(file, index);
  setHead(place, made);
  logCommit(place, head, made);
  return say();
};

/** Only with what the current commit is an ancestor of, or, in a test's own hands, with a commit of two parents. */
const merge: Command = (call) => {
  const { place, args } = call;
  const { objects } = place.repository;
  const head = headCommit(place.repository, place.gitDir) ?? "";
  const to = need(place, operands(args, ["-m", "-s"])[0] ?? "");
  if (isAncestor(objects, to, head)) return say();
  if (!isAncestor(objects, head, to)) return fail(128, "fatal: Not possible to fast-forward, aborting.");
  bringTo(checkoutOf(call), filesAt(objects, head), filesAt(objects, to), { update: true });
  setHead(place, to);
  return say();
};

const mergeTree: Command = ({ place, args }) => {
  const [ours = "", theirs = ""] = operands(args).map((name) => need(place, name));
  const { tree, conflicts } = mergeCommits(place.repository.objects, ours, theirs);
  if (conflicts.length === 0) return say(`${tree}\0`);
  const stages = conflicts.flatMap(({ path, stages: all }) =>
    all.flatMap((entry, at) => (entry ? [`${entry.mode} ${entry.oid} ${at + 1}\t${path}\0`] : [])),
  );
  const messages = conflicts.map(({ path, kind }) => `1\0${path}\0CONFLICT (${kind})\0CONFLICT (${kind}): ${path}\n\0`);
  return fail(1, "", `${tree}\0${stages.join("")}\0${messages.join("")}`);
};

const worktree: Command = (call) => {
  const { place, args } = call;
  const [verb, ...more] = args;
  if (verb === "list")
    return say(
      workTreesOf(place.repository)
        .map((tree) => listed(place, tree))
        .join(""),
    );
  const [path = "", at = ""] = behind(more);
  if (verb === "add") return addWorkTree(call, path, at, more);
  const found = workTreesOf(place.repository).find((tree) => tree.path === path);
  if (verb === "repair") {
    const gitDir = workTreesOf(place.repository).find(({ gitDir: own }) => basename(own) === basename(path))?.gitDir;
    if (gitDir !== undefined) writeFileSync(join(gitDir, "gitdir"), `${join(path, ".git")}\n`);
    return say();
  }
  if (!found) return fail(128, `fatal: '${path}' is not a working tree`);
  rmSync(path, { recursive: true, force: true });
  rmSync(found.gitDir, { recursive: true, force: true });
  return say();
};

function listed(place: Place, { path, gitDir, prunable }: ReturnType<typeof workTreesOf>[number]): string {
  const head = headOf(gitDir);
  const commit = headCommit(place.repository, gitDir);
  const on = "branch" in head ? `branch ${head.branch}` : "detached";
  return [
    `worktree ${path}`,
    `HEAD ${commit ?? "0".repeat(40)}`,
    on,
    ...(prunable ? ["prunable gone"] : []),
    "",
    "",
  ].join("\0");
}

function isOn(gitDir: string, ref: string): boolean {
  const head = headOf(gitDir);
  return "branch" in head && head.branch === ref;
}

function addWorkTree({ place, now }: Call, path: string, at: string, options: readonly string[]): Answer {
  const { repository } = place;
  const detach = options.includes("--detach");
  const ref = `refs/heads/${at}`;
  const commitAt = detach ? need(place, at) : repository.refs.get(ref);
  if (commitAt === undefined) throw new Refusal(`fatal: invalid reference: ${at}`);
  const taken = workTreesOf(repository).find((tree) => !detach && isOn(tree.gitDir, ref));
  if (taken) throw new Refusal(`fatal: '${at}' is already checked out at '${taken.path}'`);
  if (existsSync(path) && readdirSync(path).length > 0) throw new Refusal(`fatal: '${path}' already exists`);
  let gitDir = join(repository.dir, "worktrees", basename(path));
  for (let n = 1; existsSync(gitDir); n++) gitDir = join(repository.dir, "worktrees", basename(path) + String(n));
  mkdirSync(gitDir, { recursive: true });
  mkdirSync(path, { recursive: true });
  writeFileSync(join(gitDir, "HEAD"), detach ? `${commitAt}\n` : `ref: ${ref}\n`);
  writeFileSync(join(gitDir, "gitdir"), `${join(path, ".git")}\n`);
  writeFileSync(join(gitDir, "commondir"), "../..\n");
  writeFileSync(join(path, ".git"), `gitdir: ${gitDir}\n`);
  if (options.includes("--no-checkout")) return say();
  const files = filesAt(repository.objects, commitAt);
  bringTo(
    { objects: repository.objects, top: path, index: join(gitDir, "index"), touch: touching({ now }) },
    null,
    files,
    { update: true },
  );
  return say();
}

export const changing: Readonly<Record<string, Command>> = {
  "read-tree": readTree,
  "checkout-index": checkoutIndex,
  "update-index": updateIndex,
  "write-tree": writeTree,
  add: addAll,
  commit,
  merge,
  "merge-tree": mergeTree,
  worktree,
};
