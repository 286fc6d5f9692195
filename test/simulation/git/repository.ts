import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { commitOf, entryAt, type Objects } from "./objects.ts";

/** A repository of the model: objects and references in memory, HEADs and work trees as files. */
export interface Repository {
  /** The git directory that its work trees share. */
  readonly dir: string;
  readonly objects: Objects;
  readonly refs: Map<string, string>;
  readonly config: ReadonlyMap<string, string>;
}

/** A repository seen from a folder, as git finds it. */
export interface Place {
  readonly repository: Repository;
  readonly gitDir: string;
  /** Top of the work tree; null in a bare repository. */
  readonly top: string | null;
}

export type Repositories = ReadonlyMap<string, Repository>;

/** What git says and how it ends when it refuses. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: number;
  constructor(said: string, code = 128) {
    super(said);
    this.code = code;
  }
}

export function findPlace(known: Repositories, cwd: string, gitDir?: string, workTree?: string): Place {
  if (gitDir !== undefined) return placeAt(known, resolve(cwd, gitDir), workTree ?? null);
  for (let top = cwd; ; top = dirname(top)) {
    const repository = known.get(top);
    if (repository) return { repository, gitDir: top, top: null };
    const dotGit = join(top, ".git");
    const there = lstatSync(dotGit, { throwIfNoEntry: false });
    if (there?.isDirectory()) return placeAt(known, dotGit, top);
    if (there) return placeAt(known, pointerIn(dotGit), top);
    if (dirname(top) === top) throw new Refusal("fatal: not a git repository (or any of the parent directories): .git");
  }
}

function pointerIn(dotGit: string): string {
  return resolve(
    dirname(dotGit),
    readFileSync(dotGit, "utf8")
      .replace(/^gitdir: /, "")
      .trim(),
  );
}

function placeAt(known: Repositories, gitDir: string, top: string | null): Place {
  const common = join(gitDir, "commondir");
  const dir = existsSync(common) ? resolve(gitDir, readFileSync(common, "utf8").trim()) : gitDir;
  const repository = known.get(dir);
  if (!repository) throw new Refusal(`fatal: not a git repository: ${gitDir}`);
  return { repository, gitDir, top };
}

/** The branch that a HEAD is on, or the commit that it is detached at. */
export function headOf(gitDir: string): { readonly branch: string } | { readonly detached: string } {
  const text = readFileSync(join(gitDir, "HEAD"), "utf8").trim();
  return text.startsWith("ref: ") ? { branch: text.slice(5) } : { detached: text };
}

/** The commit of a HEAD, null before the first one. */
export function headCommit({ refs }: Repository, gitDir: string): string | null {
  const head = headOf(gitDir);
  return "detached" in head ? head.detached : (refs.get(head.branch) ?? null);
}

export interface WorkTree {
  readonly path: string;
  readonly gitDir: string;
  readonly prunable: boolean;
}

/** All work trees, the main one first. */
export function workTreesOf({ dir }: Repository): WorkTree[] {
  const own = basename(dir) === ".git" ? dirname(dir) : dir;
  const found: WorkTree[] = [{ path: own, gitDir: dir, prunable: false }];
  const records = join(dir, "worktrees");
  for (const name of existsSync(records) ? readdirSync(records).sort() : []) {
    const gitDir = join(records, name);
    const pointer = readFileSync(join(gitDir, "gitdir"), "utf8").trim();
    found.push({ path: dirname(pointer), gitDir, prunable: !existsSync(pointer) });
  }
  return found;
}

/** Every commit that a reference or a HEAD of the repository names. */
export function rootsOf(repository: Repository): string[] {
  const heads = workTreesOf(repository).map(({ gitDir }) => headCommit(repository, gitDir));
  return [...repository.refs.values(), ...heads].filter((oid): oid is string => oid !== null);
}

/** What a name stands for, as gitrevisions(7) has it, as far as it is used; null for nothing. */
export function resolveName({ repository, gitDir }: Place, name: string): string | null {
  const { objects, refs } = repository;
  const colon = name.indexOf(":");
  if (colon > 0) {
    const tree = resolveName({ repository, gitDir, top: null }, `${name.slice(0, colon)}^{tree}`);
    return tree === null ? null : (entryAt(objects, tree, name.slice(colon + 1))?.oid ?? null);
  }
  const peel = /^(.*)\^\{(commit|tree)\}$/.exec(name);
  if (peel) {
    const oid = resolveName({ repository, gitDir, top: null }, peel[1] ?? "");
    const type = oid === null ? undefined : objects.get(oid)?.type;
    if (oid === null || type === peel[2]) return oid;
    return type === "commit" && peel[2] === "tree" ? commitOf(objects, oid).tree : null;
  }
  if (/^[0-9a-f]{40}$/.test(name)) return objects.has(name) ? name : null;
  if (name === "HEAD") return headCommit(repository, gitDir);
  const tree = /^worktrees\/([^/]+)\/HEAD$/.exec(name)?.[1];
  if (tree !== undefined) {
    const record = join(repository.dir, "worktrees", tree);
    return existsSync(record) ? headCommit(repository, record) : null;
  }
  for (const prefix of ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"]) {
    const oid = refs.get(prefix + name);
    if (oid !== undefined) return oid;
  }
  return null;
}

/** @throws Refusal for what is not there */
export function need(place: Place, name: string): string {
  const oid = resolveName(place, name);
  if (oid === null) throw new Refusal(`fatal: Not a valid object name ${name}`);
  return oid;
}
