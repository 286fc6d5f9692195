import { BerthError } from "../../errors.ts";
import { checkoutOf, type Project } from "../../project.ts";
import { heard } from "../agent/heard.ts";
import { reclaim } from "../agent/reclaim.ts";
import { line, milliseconds, oneLine, oneOf, requireInput, text, texts } from "../input.ts";
import type { Wish } from "./decide.ts";
import { held, tryGrant } from "./grant.ts";
import type { Hold, LockMode } from "./hold.ts";
import { noteInterest } from "./interest.ts";
import { type LockPath, lockPath } from "./lock-path.ts";
import { waitFor } from "./wait.ts";

export interface LockInput {
  readonly paths: readonly string[];
  readonly mode?: LockMode | undefined;
  /** How long it lasts without being renewed; without it the project's setting. */
  readonly ttlMs?: number | undefined;
  /** How long to wait in the queue; 0 or absent: not at all. */
  readonly waitMs?: number | undefined;
  readonly reason?: string | undefined;
  readonly agent?: string | undefined;
}

const INPUT = {
  paths: texts,
  mode: oneOf("exclusive", "shared"),
  waitMs: milliseconds,
  reason: text,
  agent: line,
};

const LONGEST_MS = 7 * 86_400_000;

/**
 * Takes locks on paths, folders and globs: all of them or none. What the agent holds already is renewed. Who waits is
 * served in the order of coming, and nobody who comes later is served before. [XCS-06]
 * @throws BerthError LOCK_HELD with the holders; TIMED_OUT after waiting; DEADLOCK when those who would be waited for
 *   wait for this agent; INVALID for a path
 */
export async function lock(project: Project, input: LockInput): Promise<{ locks: readonly Hold[] }> {
  requireInput(input, INPUT, ["paths"]);
  const agent = input.agent ?? project.caller.name;
  const place = { top: project.here.top ?? project.cwd, cwd: project.cwd };
  const paths: LockPath[] = [];
  for (const given of input.paths) paths.push(await lockPath(place, given));
  if (paths.length === 0)
    throw new BerthError("USAGE", "Which paths are to be locked?", { hint: "berth lock src/api.ts 'src/ui/**'" });
  const ttlMs = input.ttlMs ?? project.config.live.lock * 1000;
  if (typeof ttlMs !== "number" || !(ttlMs >= 1000 && ttlMs <= LONGEST_MS))
    throw new BerthError("INVALID", "A lock lasts between one second and seven days.", {
      hint: "Locking it again renews it.",
      facts: { ttlMs },
    });
  const wish: Wish = { agent, paths: distinct(paths), mode: input.mode ?? "exclusive", ticket: null };
  const terms = {
    ttlMs,
    reason: input.reason === undefined ? null : oneLine(input.reason),
    place: checkoutOf(project),
  };
  const store = await project.store.open();
  const first = await store.write(async (tx) => {
    await heard(tx, agent);
    return tryGrant(tx, wish, terms);
  });
  if (Array.isArray(first)) return { locks: first };
  // Somebody dead may be in the way; looking for that takes time, so it is done only now.
  await reclaim(project);
  if (!input.waitMs) {
    const last = await store.write(async (tx) => {
      const answer = await tryGrant(tx, wish, terms);
      if (!Array.isArray(answer)) await noteInterest(tx, wish);
      return answer;
    });
    if (Array.isArray(last)) return { locks: last };
    throw held(wish, last);
  }
  return { locks: await waitFor(project, store, wish, { ...terms, waitMs: input.waitMs }) };
}

function distinct(paths: readonly LockPath[]): LockPath[] {
  return [...new Map(paths.map((path) => [`${path.kind} ${path.key}`, path])).values()];
}
