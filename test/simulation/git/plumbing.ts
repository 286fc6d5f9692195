import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inflateSync } from "node:zlib";
import { type Answer, type Call, type Command, fail, operands, say, valueOf } from "./call.ts";
import { isAncestor, mergeBases } from "./history.ts";
import { type Objects, put, putCommit, type Stored } from "./objects.ts";
import { headOf, need, type Place, Refusal, resolveName } from "./repository.ts";

const NOTHING = "0".repeat(40);

const config: Command = ({ place, args }) => {
  const { config: known } = place.repository;
  const wanted = args.includes("--get-regexp") ? new RegExp(args.at(-1) ?? "", "i") : null;
  if (wanted) {
    const scope = args.includes("--show-scope") ? "local\0" : "";
    const found = [...known].filter(([name]) => wanted.test(name));
    return found.length === 0 ? fail(1) : say(found.map(([name, value]) => `${scope}${name}\n${value}\0`).join(""));
  }
  const value = known.get(args.at(-1) ?? "");
  return value === undefined ? fail(1) : say(`${value}\n`);
};

const revParse: Command = ({ place, args }) => {
  const { repository, gitDir, top } = place;
  if (args.includes("--verify")) {
    const oid = resolveName(place, args.at(-1) ?? "");
    return oid === null ? fail(args.includes("--quiet") ? 1 : 128) : say(`${oid}\n`);
  }
  const lines = args.flatMap((arg) => {
    if (arg.startsWith("--path-format")) return [];
    if (arg === "--show-object-format") return ["sha1"];
    if (arg === "--is-inside-work-tree") return [String(top !== null)];
    if (arg === "--is-bare-repository") return [String(top === null)];
    if (arg === "--git-dir") return [gitDir];
    if (arg === "--git-common-dir") return [repository.dir];
    if (arg === "--show-toplevel") return [top ?? ""];
    return [need(place, arg)];
  });
  return say(`${lines.join("\n")}\n`);
};

const hashObject: Command = ({ place, args, input }) => {
  const objects = args.includes("-w") ? place.repository.objects : new Map<string, Stored>();
  const type = (valueOf(args, "-t") ?? "blob") as Stored["type"];
  if (!args.includes("--stdin-paths")) return say(`${put(objects, type, input)}\n`);
  const files = input.toString("utf8").split("\n").filter(Boolean);
  return say(files.map((file) => `${put(objects, type, readFileSync(file))}\n`).join(""));
};

const commitTree: Command = ({ place, args, input, env }) => {
  const parents = args.filter((_, at) => args[at - 1] === "-p").map((name) => need(place, name));
  const [author, email] = [env["GIT_AUTHOR_NAME"] ?? "", env["GIT_AUTHOR_EMAIL"] ?? ""];
  const seconds = Number((env["GIT_AUTHOR_DATE"] ?? "0").split(" ")[0]);
  const commit = { tree: need(place, args[0] ?? ""), parents, author, email, seconds, message: input.toString("utf8") };
  return say(`${putCommit(place.repository.objects, commit)}\n`);
};

const TYPES = ["", "commit", "tree", "blob"] as const;

const unpackObjects: Command = ({ place, input }) => {
  const count = input.readUInt32BE(8);
  let at = 12;
  for (let i = 0; i < count; i++) {
    const type = TYPES[((input[at] ?? 0) >> 4) & 7];
    while ((input[at++] ?? 0) & 0x80);
    const { data, read } = inflate(input.subarray(at));
    at += read;
    put(place.repository.objects, type as Stored["type"], data);
  }
  return say();
};

function inflate(bytes: Buffer): { data: Buffer; read: number } {
  const { buffer, engine } = inflateSync(bytes, { info: true }) as unknown as {
    buffer: Buffer;
    engine: { bytesWritten: number };
  };
  return { data: buffer, read: engine.bytesWritten };
}

/** Moves references all or none, each from its old value where one is given. @returns what is in the way */
export function moveRefs(
  refs: Map<string, string>,
  moves: readonly { readonly ref: string; readonly to: string; readonly from: string | null }[],
): string | null {
  for (const { ref, to, from } of moves) {
    const now = refs.get(ref) ?? NOTHING;
    if (from !== null && now !== from) return `fatal: cannot lock ref '${ref}': is at ${now} but expected ${from}`;
    const taken = [...refs.keys()].find((name) => name.startsWith(`${ref}/`) || ref.startsWith(`${name}/`));
    if (to !== NOTHING && taken !== undefined) return `fatal: cannot lock ref '${ref}': '${taken}' exists`;
  }
  for (const { ref, to } of moves) {
    if (to === NOTHING) refs.delete(ref);
    else refs.set(ref, to);
  }
  return null;
}

const updateRef: Command = (call) => {
  const { place, args, input } = call;
  const { refs } = place.repository;
  if (args.includes("--stdin")) {
    const fields = input.toString("utf8").split("\0");
    const moves = fields.flatMap((field, at) => {
      if (!field.startsWith("update ")) return [];
      return [{ ref: field.slice(7), to: fields[at + 1] ?? "", from: fields[at + 2] ?? "" }];
    });
    const refused = moveRefs(refs, moves);
    return refused === null ? say() : fail(128, refused);
  }
  const [name = "", second, third] = operands(args, ["-m"]);
  if (args.includes("-d")) return refs.delete(name) ? say() : fail(1);
  const to = need(place, second ?? "");
  if (name === "HEAD") return moveHead(call, to, third ?? null, args.includes("--no-deref"));
  const refused = moveRefs(refs, [{ ref: name, to, from: third ?? null }]);
  return refused === null ? say() : fail(128, refused);
};

function moveHead({ place }: Call, to: string, from: string | null, detach: boolean): Answer {
  const now = resolveName(place, "HEAD");
  if (from !== null && now !== from) return fail(128, "fatal: cannot lock ref 'HEAD'");
  setHead(place, to, detach);
  return say();
}

/** Moves a HEAD, with the branch it is on unless it is to leave it. */
export function setHead(place: Place, to: string, detach = false): void {
  const head = headOf(place.gitDir);
  if (detach || "detached" in head) writeFileSync(join(place.gitDir, "HEAD"), `${to}\n`);
  else place.repository.refs.set(head.branch, to);
}

/** Notes in a HEAD's log that a commit was made there. */
export function logCommit({ gitDir }: Place, from: string | null, to: string): void {
  const file = join(gitDir, "logs", "HEAD");
  if (!existsSync(file)) mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${from ?? NOTHING} ${to} somebody <s@x> 0 +0000\tcommit: made\n`);
}

const mergeBase: Command = ({ place, args }) => {
  const { objects } = place.repository;
  const [first = "", second = "", ...more] = operands(args).map((name) => resolveName(place, name) ?? "");
  if (args.includes("--is-ancestor")) {
    if (!objects.has(first) || !objects.has(second)) return fail(128, "fatal: Not a valid commit name");
    return isAncestor(objects, first, second) ? say() : fail(1);
  }
  if (more.length > 0) throw new Refusal("the model knows merge bases of two commits alone");
  const bases = mergeBases(objects, first, second);
  return bases.length === 0 ? fail(1) : say(`${bases[0]}\n`);
};

const forEachRef: Command = ({ place, args }) => {
  const prefix = args.at(-1) ?? "";
  const found = [...place.repository.refs]
    .filter(([ref]) => ref === prefix || ref.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return say(found.map(([ref, oid]) => `${oid} ${ref}\n`).join(""));
};

const symbolicRef: Command = ({ place, args }) => {
  const head = headOf(place.gitDir);
  if ("detached" in head) return fail(1);
  return say(`${args.includes("--short") ? head.branch.slice("refs/heads/".length) : head.branch}\n`);
};

const catFile: Command = ({ place, args }) => {
  const stored = place.repository.objects.get(need(place, args.at(-1) ?? ""));
  return stored ? say(stored.data) : fail(128);
};

/** Answers one line of `cat-file --batch-command`. */
export function batchAnswer(objects: Objects, place: Place, line: string): Buffer | null {
  const [, verb, name] = /^(contents|info) (.*)$/.exec(line) ?? [];
  if (verb === undefined || name === undefined) return null;
  const oid = resolveName(place, name);
  const stored = oid === null ? undefined : objects.get(oid);
  if (!stored) return Buffer.from(`${name} missing\n`);
  const head = Buffer.from(`${oid} ${stored.type} ${stored.data.length}\n`);
  return verb === "info" ? head : Buffer.concat([head, stored.data, Buffer.from("\n")]);
}

export const plumbing: Readonly<Record<string, Command>> = {
  version: () => say("git version 2.45.0\n"),
  config,
  "rev-parse": revParse,
  "hash-object": hashObject,
  "commit-tree": commitTree,
  "unpack-objects": unpackObjects,
  "update-ref": updateRef,
  "merge-base": mergeBase,
  "for-each-ref": forEachRef,
  "symbolic-ref": symbolicRef,
  "cat-file": catFile,
};
