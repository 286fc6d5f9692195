import { messageOf } from "../errors.ts";
import type { Project } from "../project.ts";
import { conflicts, type ConflictingPair, type ConflictsInput, type ConflictsResult } from "./conflicts.ts";

/** What became of one pair since the look before. */
export interface ConflictChange {
  readonly at: string;
  readonly kind: "conflict.predicted" | "conflict.changed" | "conflict.gone";
  /** As it is now; of one that is gone, as it was. */
  readonly pair: ConflictingPair;
}

export interface ConflictNews {
  readonly result: ConflictsResult;
  /** At the first look all conflicts there are. */
  readonly changes: readonly ConflictChange[];
}

const LOOK_MS = 1000;
/** Looking takes no more than this part of the time. */
const REST = 4;
const FETCH_MS = 10_000;

/**
 * Looks again and again, and gives what changed, until the signal ends it. The hub is asked every ten seconds with
 * `fetch`; one that does not answer is a warning.
 */
export async function watchConflicts(
  project: Project,
  input: ConflictsInput & { readonly signal?: AbortSignal | undefined } = {},
): Promise<AsyncGenerator<ConflictNews>> {
  const given = [input.signal, project.signal].filter((signal) => signal !== undefined);
  return looks(project, input, AbortSignal.any(given));
}

async function* looks(project: Project, input: ConflictsInput, signal: AbortSignal): AsyncGenerator<ConflictNews> {
  let before: ReadonlyMap<string, ConflictingPair> | null = null;
  let fetched = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const began = performance.now();
    const fetch = input.fetch === true && began - fetched >= FETCH_MS;
    if (fetch) fetched = began;
    const result = await lookAt(project, { ...input, fetch });
    const took = performance.now() - began;
    const now = new Map(result.pairs.map((pair) => [nameOf(pair), pair]));
    const changes = changesSince(before ?? new Map(), now, new Date(project.clock.now()).toISOString());
    if (before === null || changes.length > 0) yield { result, changes };
    before = now;
    await project.clock.sleep(Math.max(LOOK_MS, REST * took), signal).catch(() => undefined);
  }
}

async function lookAt(project: Project, input: ConflictsInput): Promise<ConflictsResult> {
  if (!input.fetch) return conflicts(project, input);
  try {
    return await conflicts(project, input);
  } catch (error) {
    const result = await conflicts(project, { ...input, fetch: false });
    return { ...result, warnings: [...result.warnings, `The hub was not asked: ${messageOf(error)}`] };
  }
}

function nameOf({ a, b, against }: ConflictingPair): string {
  return JSON.stringify([a, b, against]);
}

function changesSince(
  before: ReadonlyMap<string, ConflictingPair>,
  now: ReadonlyMap<string, ConflictingPair>,
  at: string,
): ConflictChange[] {
  const changes: ConflictChange[] = [];
  for (const [name, pair] of now) {
    const old = before.get(name);
    if (old === undefined) changes.push({ at, kind: "conflict.predicted", pair });
    else if (JSON.stringify(old) !== JSON.stringify(pair)) changes.push({ at, kind: "conflict.changed", pair });
  }
  for (const [name, pair] of before) if (!now.has(name)) changes.push({ at, kind: "conflict.gone", pair });
  return changes;
}
