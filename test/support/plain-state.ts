import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PostgresServer } from "./postgres-server.ts";
import type { PlainWorld } from "./plain-worlds.ts";
import { rawStore } from "./raw-store.ts";

/** What a verb leaves, without what differs from run to run. */
export interface PlainState {
  /** The rows of the live layer, each as a line. */
  readonly rows: readonly string[];
  /** Files of the work tree and of what is kept beside it, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly refs: readonly string[];
}

/** Tables that tell nothing: when somebody tidied last, and what a lost answer would be known by. */
const SILENT = new Set(["receipt", "project", "schema_version"]);
/** Columns that are another process's or moment's. */
const VOLATILE = new Set(["process", "standing", "beat_at", "tidy_at"]);
/** Ours in the git directory that must be whole at every moment; the rest of it may be thrown away, or is git's. */
const KEPT = [".git/config", ".git/info", ".git/hooks", ".git/berth/hooks", ".git/berth/brain"];

export async function plainState(world: PlainWorld, server?: Pick<PostgresServer, "sql">): Promise<PlainState> {
  const raw = await rawStore(world.store, world.engine === "postgres" ? server : undefined);
  const rows = Object.entries(raw)
    .filter(([table]) => !SILENT.has(table))
    .flatMap(([table, list]) => list.map((row) => settled(`${table} ${JSON.stringify(steady(row))}`)))
    .toSorted();
  const files: Record<string, string> = {};
  walk(world.home, "", files, (path) => path === ".git");
  for (const path of KEPT) walk(world.home, path, files, (name) => /\/(?:journal|versions|locks|waiting)/.test(name));
  const refs = world.box.git(world.home, "for-each-ref", "--format=%(refname)").split("\n");
  return { rows, files, refs };
}

function steady(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !VOLATILE.has(name)));
}

/** Times, hashes and random names in one form. */
function settled(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+\d\d:\d\d)/g, "TIME")
    .replaceAll(/\d{4}-\d\d-\d\d-\d{6}/g, "STAMP")
    .replaceAll(/\b1[5-9]\d{11}\b/g, "MS")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, "UUID")
    .replaceAll(/\b[0-9a-f]{8,64}\b/g, "HEX");
}

function walk(top: string, at: string, files: Record<string, string>, leaves: (path: string) => boolean): void {
  if (leaves(at)) return;
  const there = lstatSync(join(top, at), { throwIfNoEntry: false });
  if (there?.isFile()) files[settled(at)] = settled(readFileSync(join(top, at), "latin1"));
  if (!there?.isDirectory()) return;
  for (const name of readdirSync(join(top, at))) walk(top, at === "" ? name : `${at}/${name}`, files, leaves);
}
