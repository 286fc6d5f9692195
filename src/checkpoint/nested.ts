import { lstat } from "node:fs/promises";
import type { IndexEntry } from "../git/index-file.ts";
import { type Git, run } from "../git/run.ts";
import { textOf } from "./path-text.ts";

/** A repository inside a work tree. Its files and commits are no part of a checkpoint, which only names it. */
export interface Nested {
  readonly path: string;
  /** A submodule is in the index, any other one is not. */
  readonly kind: "submodule" | "repository";
  /** The commit it is on; null where it has none, or is not there. */
  readonly head: string | null;
  /** Whether there is a repository at all: a submodule may be empty. */
  readonly present: boolean;
}

/** @param repositories folders by bytes, as git lists them */
export async function readNested(
  git: Git,
  dir: string,
  entries: readonly IndexEntry[],
  repositories: readonly string[],
): Promise<Nested[]> {
  const submodules = new Set(entries.filter(({ mode }) => mode === "160000").map(({ path }) => path));
  const found: Nested[] = [];
  for (const bytes of [...submodules, ...repositories]) {
    const path = textOf(bytes);
    const kind = submodules.has(bytes) ? "submodule" : "repository";
    const present = (await lstat(`${dir}/${path}/.git`).catch(() => null)) !== null;
    found.push({ path, kind, head: present ? await headOf(git, `${dir}/${path}`) : null, present });
  }
  return found;
}

async function headOf(git: Git, dir: string): Promise<string | null> {
  const { code, stdout } = await run(git, ["rev-parse", "--verify", "--quiet", "HEAD"], { dir, accept: [1, 128] });
  return code === 0 ? stdout.toString("utf8").trim() : null;
}
