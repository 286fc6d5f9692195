import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isBerthError, messageOf } from "../errors.ts";
import type { Oid } from "../git/names.ts";
import type { ObjectReader } from "../git/objects.ts";
import { entryAt } from "../git/tree.ts";
import { type Project, stateDir } from "../project.ts";
import { FILE, folder, type State } from "./layout.ts";
import { type Folder, foldersIn, type LedgerTip } from "./tip.ts";

/** One session as lists show it. */
export interface SessionRow {
  readonly id: string;
  readonly title: string;
  readonly state: State;
  readonly priority: "now" | "next" | "future";
  readonly agent: string | null;
  readonly epoch: number | null;
  readonly branch: string | null;
  readonly parent: string | null;
  readonly depends: readonly string[];
  readonly capabilities: readonly string[];
  readonly paths: readonly string[];
  readonly created: string | null;
  /** The ticket that the session works. */
  readonly ticket: string | null;
  readonly claimedAt: string | null;
  readonly endedAt: string | null;
  /** Why the folder cannot be used as it is; null for a sound one. */
  readonly problem: string | null;
}

/** One session's row, read afresh. */
export async function readRow(project: Project, at: Folder): Promise<SessionRow> {
  return rowOf(project, at.id, at.state, at.tree);
}

interface Cache {
  readonly version: 2;
  readonly tree: string;
  readonly rows: Readonly<Record<string, { readonly tree: string; readonly row: SessionRow }>>;
}

/**
 * The sessions of one state, by id. Rows are remembered by the object names of their folders, so that only what
 * changed is read and parsed; the memory is a cache that may be deleted at any time.
 */
export async function rowsOf(project: Project, tip: LedgerTip, state: State): Promise<SessionRow[]> {
  const tree = tip.root.get(state)?.oid ?? "none";
  const file = join(stateDir(project), "cache", `rows-${state}.json`);
  const cache = await load(file);
  if (cache?.tree === tree) return Object.values(cache.rows).map((entry) => entry.row);
  const folders = [...(await foldersIn(project, tip, state))].sort(([a], [b]) => (a < b ? -1 : 1));
  const entries = await Promise.all(
    folders.map(async ([id, oid]) => {
      const known = cache?.rows[id];
      const row = known?.tree === oid ? known.row : await rowOf(project, id, state, oid);
      return [id, { tree: oid, row }] as const;
    }),
  );
  const next: Cache = { version: 2, tree, rows: Object.fromEntries(entries) };
  await store(file, next);
  return entries.map(([, entry]) => entry.row);
}

async function load(file: string): Promise<Cache | null> {
  try {
    const cache = JSON.parse(await readFile(file, "utf8")) as Cache;
    return cache.version === 2 ? cache : null;
  } catch {
    // Absent or damaged: it is made again from the ledger.
    return null;
  }
}

async function store(file: string, cache: Cache): Promise<void> {
  try {
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(`${file}.${process.pid}`, JSON.stringify(cache));
    await rename(`${file}.${process.pid}`, file);
  } catch {
    // A read-only git directory costs only the cache.
  }
}

async function rowOf(project: Project, id: string, state: State, tree: Oid): Promise<SessionRow> {
  const [plan, claim] = await Promise.all([
    project.objects.read(`${tree}:${FILE.plan}`),
    project.objects.read(`${tree}:${FILE.claim}`),
  ]);
  const row: SessionRow = { ...EMPTY, id, title: id, state };
  try {
    const { parsePlan } = await import("./plan.ts");
    const { parseClaim } = await import("./claim-record.ts");
    if (plan === null) return { ...row, problem: `${FILE.plan} is missing` };
    if (await isLink(project.objects, tree, FILE.plan)) return { ...row, problem: `${FILE.plan} is a link` };
    const parsed = parsePlan(plan.data.toString("utf8"), id, folder(state, id, FILE.plan));
    const record = claim ? parseClaim(claim.data.toString("utf8"), folder(state, id, FILE.claim)) : null;
    const held = state === "active" ? record : null;
    return {
      ...row,
      ...parsed,
      agent: record && state !== "planned" ? record.agent : null,
      epoch: record?.epoch ?? null,
      branch: held?.branch ?? null,
      claimedAt: record && state !== "planned" ? record.claimedAt : null,
      endedAt: record?.ended?.at ?? null,
    };
  } catch (error) {
    if (!isBerthError(error)) throw error;
    return { ...row, problem: messageOf(error) };
  }
}

/** Whether an entry of a folder is a symbolic link: nothing of ours is, and none is followed. */
export async function isLink(objects: ObjectReader, tree: Oid, name: string): Promise<boolean> {
  return (await entryAt(objects, tree, name))?.mode === "120000";
}

const EMPTY = {
  priority: "next",
  agent: null,
  epoch: null,
  branch: null,
  parent: null,
  depends: [],
  capabilities: [],
  paths: [],
  created: null,
  ticket: null,
  claimedAt: null,
  endedAt: null,
  problem: null,
} as const;
