import { lookRound } from "../coordination/agent/agents.ts";
import { reclaim } from "../coordination/agent/reclaim.ts";
import { messageOf } from "../errors.ts";
import type { Oid } from "../git/names.ts";
import type { State } from "../ledger/layout.ts";
import { fetchHub, withTurn } from "../ledger/publish.ts";
import { rowsOf, type SessionRow } from "../ledger/rows.ts";
import { findFolder, type LedgerTip, tryReadTip } from "../ledger/tip.ts";
import type { Project } from "../project.ts";
import { follow, lastSeq } from "../store/feed.ts";
import { merged } from "./merged.ts";

/** One change of something that `status` shows. */
export interface WatchedChange {
  /** Its place in the feed; null for what the feed does not carry: sessions of the ledger, and signs of life that are missed. */
  readonly seq: number | null;
  /** ISO 8601 with milliseconds. */
  readonly at: string;
  /** `lock.granted`, `task.done`, `session.active`, `agent.suspect` …: noun and what happened to it. */
  readonly kind: string;
  /** What it happened to: an agent's id, a path, a key, a session. */
  readonly subject: string;
  readonly agent: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface WatchInput {
  /** Begin after this place of the feed; without it only what is new. */
  readonly after?: number | undefined;
  /** Ask the hub for sessions as well, every ten seconds. */
  readonly fetch?: boolean;
  readonly signal?: AbortSignal | undefined;
}

const LEDGER_MS = 500;
const LIFE_MS = 3000;
const FETCH_MS = 10_000;

/**
 * Every change of what `status` shows, from now on and in order, until the signal ends it: the feed of the live layer,
 * the sessions of the ledger, and agents that fall silent or are heard again.
 * @throws BerthError of the store
 */
export async function watch(project: Project, input: WatchInput): Promise<AsyncGenerator<WatchedChange>> {
  const store = await project.store.open();
  const after = input.after ?? (await store.read(lastSeq));
  const end = new AbortController();
  const given = [input.signal, project.signal].filter((signal) => signal !== undefined);
  const signal = AbortSignal.any([end.signal, ...given]);
  const sources = [feedChanges(project, after, signal), ledgerChanges(project, signal), lifeChanges(project, signal)];
  if (input.fetch) sources.push(hubChanges(project, signal));
  return flat(sources, end, signal);
}

type Batches = AsyncGenerator<readonly WatchedChange[]>;

async function* flat(
  sources: readonly Batches[],
  end: AbortController,
  signal: AbortSignal,
): AsyncGenerator<WatchedChange> {
  try {
    for await (const batch of merged(sources)) yield* batch;
  } catch (error) {
    // What was being asked when the end came need not be answered.
    if (!signal.aborted) throw error;
  } finally {
    end.abort();
  }
}

async function* feedChanges(project: Project, after: number, signal: AbortSignal): Batches {
  for await (const events of follow(await project.store.open(), after, signal))
    yield events.map((event) => ({ ...event, at: new Date(event.at).toISOString() }));
}

/** A look at once, and one after each pause; a pause that the signal ends is the last. */
async function* looks<T>(project: Project, ms: number, signal: AbortSignal, look: () => Promise<T>): AsyncGenerator<T> {
  while (!signal.aborted) {
    yield await look();
    await project.clock.sleep(ms, signal).catch(() => undefined);
  }
}

const SHOWN = ["active", "planned", "drafting"] as const;

async function* ledgerChanges(project: Project, signal: AbortSignal): Batches {
  let before: { readonly commit: Oid | null; readonly rows: ReadonlyMap<string, SessionRow> } | null = null;
  for await (const tip of looks(project, LEDGER_MS, signal, () => tryReadTip(project))) {
    if (before !== null && before.commit === (tip?.commit ?? null)) {
      yield [];
      continue;
    }
    const rows = new Map<string, SessionRow>();
    if (tip) for (const state of SHOWN) for (const row of await rowsOf(project, tip, state)) rows.set(row.id, row);
    if (before !== null && tip) yield await sessionChanges(project, tip, before.rows, rows);
    before = { commit: tip?.commit ?? null, rows };
  }
}

async function sessionChanges(
  project: Project,
  tip: LedgerTip,
  before: ReadonlyMap<string, SessionRow>,
  now: ReadonlyMap<string, SessionRow>,
): Promise<WatchedChange[]> {
  const changes: WatchedChange[] = [];
  const add = (state: State | "gone", id: string, data: WatchedChange["data"], agent: string | null): void => {
    changes.push(changeOf(project, `session.${state}`, id, agent, data));
  };
  for (const [id, row] of now) {
    const old = before.get(id);
    if (JSON.stringify(old) !== JSON.stringify(row)) add(row.state, id, { before: old?.state ?? null, row }, row.agent);
  }
  for (const [id, old] of before) {
    if (now.has(id)) continue;
    const folder = await findFolder(project, tip, id);
    add(folder?.state ?? "gone", id, { before: old.state }, old.agent);
  }
  return changes;
}

/** Who falls silent tells nobody: that is seen by looking. Whoever is shown to be dead is reclaimed, which the feed tells. */
async function* lifeChanges(project: Project, signal: AbortSignal): Batches {
  const known = new Map<string, string>();
  const look = async (): Promise<WatchedChange[]> => {
    await reclaim(project);
    const changes: WatchedChange[] = [];
    const there = new Set<string>();
    for (const { id, state, evidence, beatAt } of await lookRound(project)) {
      there.add(id);
      const before = known.get(id) ?? "live";
      if (before !== state) changes.push(changeOf(project, `agent.${state}`, id, null, { before, evidence, beatAt }));
      known.set(id, state);
    }
    for (const id of known.keys()) if (!there.has(id)) known.delete(id);
    return changes;
  };
  yield* looks(project, LIFE_MS, signal, look);
}

/** Sessions that other machines change arrive by fetching; the ledger's own look shows them. */
async function* hubChanges(project: Project, signal: AbortSignal): Batches {
  let failed = false;
  const look = async (): Promise<WatchedChange[]> => {
    try {
      await withTurn(project, () => fetchHub(project));
      failed = false;
      return [];
    } catch (error) {
      if (failed || signal.aborted) return [];
      failed = true;
      return [changeOf(project, "hub.unreachable", project.hub.name, null, { message: messageOf(error) })];
    }
  };
  yield* looks(project, FETCH_MS, signal, look);
}

function changeOf(
  project: Project,
  kind: string,
  subject: string,
  agent: string | null,
  data: WatchedChange["data"],
): WatchedChange {
  return { seq: null, at: new Date(project.clock.now()).toISOString(), kind, subject, agent, data };
}
