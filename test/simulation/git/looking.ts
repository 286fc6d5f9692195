import { changedFiles, filesAt } from "./checkout.ts";
import { type Command, behind, indexFile, operands, pathsOf, say, topOf, valueOf } from "./call.ts";
import { walk } from "./history.ts";
import { type Index, loadIndex, same, untrackedIn } from "./index.ts";
import { commitOf, type Entry, treeOf } from "./objects.ts";
import { headCommit, headOf, need } from "./repository.ts";

const NOTHING = "0".repeat(40);

const log: Command = (call) => {
  const { place, args } = call;
  const { objects } = place.repository;
  const ends = operands(args);
  const tip = need(place, ends.find((name) => !name.startsWith("^")) ?? "");
  const without = ends.filter((name) => name.startsWith("^")).map((name) => need(place, name.slice(1)));
  const found = walk(objects, tip, {
    without,
    paths: pathsOf(behind(args)),
    merges: !args.includes("--no-merges"),
    firstParent: args.includes("--first-parent"),
  });
  const limit = args.includes("-1") ? 1 : Number(valueOf(args, "--max-count") ?? Number.POSITIVE_INFINITY);
  const some = found.slice(0, limit);
  if (args.includes("--reverse")) some.reverse();
  if (args.includes("--format=%ct")) return say(some.map(({ commit }) => `${commit.seconds}\n`).join(""));
  const fields = some.map(({ oid, commit: { parents, author, email, seconds, message } }) =>
    [oid, parents.join(" "), author, email, seconds, message, "", ""].join("\0"),
  );
  return say(fields.join(""));
};

const revList: Command = ({ place, args, input }) => {
  const ends = [...operands(args), ...(args.includes("--stdin") ? input.toString("utf8").split("\n") : [])].filter(
    Boolean,
  );
  const tips = ends.filter((name) => !name.startsWith("^")).map((name) => need(place, name));
  const without = ends.filter((name) => name.startsWith("^")).map((name) => need(place, name.slice(1)));
  const paths = pathsOf(behind(args));
  const found = new Set(
    tips.flatMap((tip) => walk(place.repository.objects, tip, { without, paths }).map(({ oid }) => oid)),
  );
  return say([...found].map((oid) => `${oid}\n`).join(""));
};

type Difference = readonly [path: string, from: Entry | null, to: Entry | null];

function differences(from: ReadonlyMap<string, Entry>, to: ReadonlyMap<string, Entry>): Difference[] {
  const paths = [...new Set([...from.keys(), ...to.keys()])].sort();
  return paths
    .map((path): Difference => [path, from.get(path) ?? null, to.get(path) ?? null])
    .filter(([, before, after]) => !same(before, after));
}

function raw([path, from, to]: Difference): string {
  const letter = from ? (to ? "M" : "D") : "A";
  const modes = `${from?.mode ?? "000000"} ${to?.mode ?? "000000"}`;
  return `:${modes} ${from?.oid ?? NOTHING} ${to?.oid ?? NOTHING} ${letter}\0${text(path)}\0`;
}

function text(path: string): string {
  return Buffer.from(path, "latin1").toString("utf8");
}

function below(paths: readonly string[], path: string): boolean {
  return paths.length === 0 || paths.some((own) => own === "" || path === own || path.startsWith(`${own}/`));
}

const diffTree: Command = ({ place, args, input }) => {
  const { objects } = place.repository;
  const paths = pathsOf(behind(args));
  const deep = args.includes("-r");
  const files = (name: string): ReadonlyMap<string, Entry> => {
    const oid = need(place, name);
    if (deep) return filesAt(objects, oid);
    return treeOf(objects, objects.get(oid)?.type === "commit" ? commitOf(objects, oid).tree : oid);
  };
  const found = (from: string, to: string): Difference[] =>
    differences(files(from), files(to)).filter(([path]) => below(paths, path));
  const show = (all: Difference[]): string =>
    args.includes("--name-only") ? all.map(([path]) => `${text(path)}\0`).join("") : all.map(raw).join("");
  if (!args.includes("--stdin")) {
    const [from = "", to = ""] = operands(args);
    return say(show(found(from, to)));
  }
  const lines = input.toString("utf8").split("\n").filter(Boolean);
  const said = lines.map((line) => {
    const [from = "", to] = line.split(" ");
    if (to !== undefined) return `${line}\n${show(found(from, to))}`;
    // A commit alone: what is as in none of its parents.
    const { parents, tree } = commitOf(objects, from);
    const sides = (parents.length === 0 ? [null] : parents).map((parent) =>
      differences(parent === null ? new Map() : filesAt(objects, parent), filesAt(objects, tree)),
    );
    const [first = [], ...others] = sides;
    return show(first.filter(([path]) => below(paths, path) && others.every((side) => side.some(([p]) => p === path))));
  });
  return say(said.join(""));
};

const diffIndex: Command = (call) => {
  const name = operands(call.args)[0] ?? "HEAD";
  const all = differences(filesAt(call.place.repository.objects, need(call.place, name)), loadIndex(indexFile(call)));
  return say(
    call.args.includes("--name-only") ? all.map(([path]) => `${text(path)}\0`).join("") : all.map(raw).join(""),
  );
};

const diffFiles: Command = (call) => {
  const index = loadIndex(indexFile(call));
  const changed = changedFiles(topOf(call), index);
  return say(
    [...changed].map(([path, to]) => raw([path, index.get(path) ?? null, to && { ...to, oid: NOTHING }])).join(""),
  );
};

const lsFiles: Command = (call) => {
  const { args } = call;
  const index = loadIndex(indexFile(call));
  if (args.includes("--others")) {
    const { loose, ignored } = untrackedIn(topOf(call), call.place.repository.dir, index);
    return say((args.includes("--ignored") ? ignored : loose).map((path) => `${path}\0`).join(""));
  }
  const attributes = args.includes(":(top,glob)**/.gitattributes");
  const lines = [...index]
    .filter(([path]) => !attributes || path.endsWith(".gitattributes"))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, { mode, oid }]) => {
      const tag = args.includes("-v") || args.includes("-t") ? "H " : "";
      return `${tag}${args.includes("--stage") ? `${mode} ${oid} 0\t` : ""}${text(path)}\0`;
    });
  return say(lines.join(""));
};

const lsTree: Command = ({ place, args }) => {
  const files = filesAt(place.repository.objects, need(place, operands(args)[0] ?? ""));
  return say([...files].map(([path, { mode, oid }]) => `${mode} blob ${oid}\t${text(path)}\0`).join(""));
};

const status: Command = (call) => {
  const { place, args } = call;
  const { repository, gitDir } = place;
  const top = topOf(call);
  const head = headCommit(repository, gitDir);
  const on = headOf(gitDir);
  const index = loadIndex(indexFile(call));
  const paths = pathsOf(behind(args));
  const lines = [`# branch.oid ${head ?? "(initial)"}`];
  lines.push(`# branch.head ${"branch" in on ? on.branch.slice("refs/heads/".length) : "(detached)"}`);
  const committed = head === null ? new Map<string, Entry>() : filesAt(repository.objects, head);
  lines.push(
    ...changedLines(committed, index, changedFiles(top, index))
      .filter(({ path }) => below(paths, path))
      .map(({ line }) => line),
  );
  const { loose, ignored } = untrackedIn(top, repository.dir, index);
  for (const path of loose) if (below(paths, path)) lines.push(`? ${path}`);
  if (!args.includes("--ignored=no")) for (const path of ignored) lines.push(`! ${path}`);
  return say(`${lines.join("\0")}\0`);
};

function changedLines(
  committed: ReadonlyMap<string, Entry>,
  index: Index,
  files: ReadonlyMap<string, Entry | null>,
): { path: string; line: string }[] {
  const paths = [...new Set([...committed.keys(), ...index.keys()])].sort();
  return paths.flatMap((path) => {
    const [head, staged] = [committed.get(path) ?? null, index.get(path) ?? null];
    const there = files.has(path) ? (files.get(path) ?? null) : staged;
    const x = same(head, staged) ? "." : head ? (staged ? "M" : "D") : "A";
    const y = same(staged, there) ? "." : there ? "M" : "D";
    if (x === "." && y === ".") return [];
    const modes = [head, staged, there].map((entry) => entry?.mode ?? "000000").join(" ");
    return [{ path, line: `1 ${x}${y} N... ${modes} ${head?.oid ?? NOTHING} ${staged?.oid ?? NOTHING} ${text(path)}` }];
  });
}

/** Not a patch that can be applied: the model only has to have one, equal for equal commits. */
const formatPatch: Command = ({ place, args }) => {
  const { objects } = place.repository;
  const oid = need(place, operands(args)[0] ?? "");
  const { parents, message } = commitOf(objects, oid);
  const before = parents[0] === undefined ? new Map<string, Entry>() : filesAt(objects, parents[0]);
  const all = differences(before, filesAt(objects, oid));
  return say(`From ${oid}\n${message}\n${all.map(([path, from, to]) => `${path} ${from?.oid} ${to?.oid}\n`).join("")}`);
};

export const looking: Readonly<Record<string, Command>> = {
  log,
  "rev-list": revList,
  "diff-tree": diffTree,
  "diff-index": diffIndex,
  "diff-files": diffFiles,
  "ls-files": lsFiles,
  "ls-tree": lsTree,
  status,
  "format-patch": formatPatch,
};
