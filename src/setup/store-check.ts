import { join } from "node:path";
import { raiseEpoch } from "../coordination/agent/session.ts";
import { BerthError, isBerthError } from "../errors.ts";
import { type Project, stateDir } from "../project.ts";
import { planRepair, putBack, repairHistory } from "../shared-context/repair.ts";
import { planSalvage, type Salvage } from "../shared-context/salvage.ts";
import { sharedVerify } from "../shared-context/verify.ts";
import type { Writing } from "../store/store.ts";
import type { Refill } from "../store/sqlite-rebuild.ts";
import type { FoundRow, Remains } from "../store/sqlite-remains.ts";
import { bad, type Finding, good } from "./finding.ts";

/** Longer than this a person does not wait to hear that a server does not answer. */
const WAIT_MS = 5000;

/**
 * The live layer: whether it can be opened and written, whether all of it can be read, and whether the history of the
 * shared context is what it was. With `fix` what is damaged is set aside, never deleted, and what proves itself of the
 * shared context is taken along. [XCS-18]
 */
export async function checkStore(project: Project, fix: boolean): Promise<Finding> {
  try {
    return await look(project, fix);
  } catch (error) {
    if (!isBerthError(error)) throw error;
    return bad(error.message, error.hint ?? null);
  }
}

async function look(project: Project, fix: boolean): Promise<Finding> {
  try {
    const patience = { waitMs: WAIT_MS, signal: project.signal };
    const store = await project.store.open(patience);
    await store.write((tx) => tx.run("update project set seq = seq where id = $1", tx.project), patience);
    const [problem] = await store.problems();
    if (problem !== undefined)
      throw new BerthError("STORE_DAMAGED", `${store.place} is damaged: ${problem}.`, { facts: { file: store.place } });
    const { broken, checked } = await sharedVerify(project);
    if (broken !== null) return await damagedHistory(project, broken, fix);
    return good(`${store.engine.name} at ${store.place}, ${checked} versions of the shared context`);
  } catch (error) {
    const file = isBerthError(error) && error.code === "STORE_DAMAGED" ? error.facts["file"] : null;
    if (isBerthError(error) && typeof file === "string") return damagedFile(project, file, error, fix);
    throw error;
  }
}

async function damagedHistory(
  project: Project,
  { version, problem }: { readonly version: number; readonly problem: string },
  fix: boolean,
): Promise<Finding> {
  const what = `version ${version} of the shared context is damaged: ${problem}`;
  if (!fix) {
    const kept = described(await planRepair(project));
    return bad(what, `Run: berth doctor --fix. All there is goes into a file; ${kept}.`);
  }
  const stamp = new Date(project.clock.now()).toISOString().replaceAll(/[:.]/g, "-");
  const aside = join(stateDir(project), `shared-context.damaged-${stamp}.json`);
  return good(`${what}; what there was is in ${aside}; ${described(await repairHistory(project, aside))}`);
}

async function damagedFile(project: Project, file: string, error: BerthError, fix: boolean): Promise<Finding> {
  const { lookAtRemains, rebuildStore } = await import("../store/sqlite-rebuild.ts");
  const place = { file, clock: project.clock };
  // Looking at the bytes would end the locks of a connection of ours.
  await project.store.close();
  const anew = "agents, locks, tasks and messages begin anew; sessions and work are in git and stand";
  if (!fix) {
    const kept = allDescribed(salvages(await lookAtRemains(place)));
    return bad(error.message, `Run: berth doctor --fix. It sets the file aside under another name; ${kept}; ${anew}.`);
  }
  let kept = "";
  const aside = await rebuildStore(place, (remains, name) => {
    const found = salvages(remains);
    kept = allDescribed(found);
    return [...found].map(([id, salvage]) => refill(project, remains, id, salvage, name));
  });
  return good(`${error.message} It is now ${aside}; ${kept}; ${anew}`);
}

/** By project: several may share one store. */
function salvages(remains: Remains): Map<string, Salvage> {
  const tables = [
    "project",
    "context_version",
    "context_snapshot",
    "context_conflict",
    "context_read",
    "event",
  ] as const;
  const read = Object.fromEntries(tables.map((table) => [table, remains.rows(table)])) as Record<
    (typeof tables)[number],
    ReturnType<Remains["rows"]>
  >;
  const ids = new Set([
    ...read.project.rows.map(({ id }) => id),
    ...read.context_version.rows.map(({ project }) => project),
  ]);
  const found = new Map<string, Salvage>();
  for (const id of ids) {
    if (typeof id !== "string" || id === "") continue;
    const own = (table: (typeof tables)[number]): FoundRow[] => read[table].rows.filter((row) => row["project"] === id);
    const salvage = planSalvage({
      versions: own("context_version"),
      snapshots: own("context_snapshot"),
      conflicts: own("context_conflict"),
      reads: own("context_read"),
      told: own("event").reduce((most, event) => Math.max(most, toldVersion(event)), 0),
      complete: read.context_version.complete,
    });
    found.set(id, salvage);
  }
  return found;
}

function toldVersion({ kind, data }: FoundRow): number {
  if (kind !== "context.changed" || typeof data !== "string") return 0;
  return Number(/"version":(\d{1,15})/.exec(data)?.[1] ?? 0);
}

function refill(project: Project, remains: Remains, id: string, salvage: Salvage, aside: string): Refill {
  const epochs = remains.rows("epoch").rows.filter((row) => row["project"] === id);
  const fill = async (tx: Writing): Promise<void> => {
    for (const { session, epoch } of epochs)
      if (typeof session === "string" && typeof epoch === "number") await raiseEpoch(tx, session, epoch);
    await putBack(tx, salvage, { agent: project.caller.name, aside });
  };
  return { project: id, seq: lastSeq(remains, id), fill };
}

/** Beyond every number that was given, as far as that can be told: fences and places in the feed only grow. */
function lastSeq(remains: Remains, id: string): number {
  const projects = remains.rows("project");
  const own = projects.rows.find((row) => row["id"] === id)?.["seq"];
  if (projects.complete && typeof own === "number") return own;
  const numbers = [
    ["event", "seq"],
    ["message", "seq"],
    ["hold", "fence"],
    ["waiter", "ticket"],
    ["context_conflict", "id"],
  ] as const;
  return Math.max(0, ...numbers.map(([table, column]) => remains.highest(table, column))) + MARGIN;
}

/** More than were ever written after the last that can be read. */
const MARGIN = 1_000_000;

function allDescribed(found: ReadonlyMap<string, Salvage>): string {
  if (found.size === 0) return "nothing of the shared context can be read";
  return [...found.values()].map(described).join("; ");
}

function described({ versions, highest, rest, conflicts }: Salvage): string {
  const [first, last] = [versions[0]?.version, versions.at(-1)?.version];
  const open = conflicts.filter(({ resolved_at: at }) => at === null).length;
  const more = open === 0 ? "" : `, and ${open} open conflicts`;
  if (first === undefined && rest === null) return "there is no shared context in it";
  if (rest === null)
    return first === 1
      ? `all of the shared context is kept, versions 1 to ${last}${more}`
      : `of the shared context versions ${first} to ${last} are kept${more}`;
  const next = highest + 1;
  const read = rest.from.length === 0 ? "" : `, with what ${listed(rest.from)} say`;
  return first === undefined
    ? `of the shared context no version is what was written; version ${next} begins anew${read}${more}`
    : `of the shared context versions ${first} to ${last} are kept; version ${next} goes on from there${read}${more}`;
}

function listed(versions: readonly number[]): string {
  const some = versions.slice(0, 8).join(", ");
  return versions.length > 8 ? `${some} and ${versions.length - 8} more` : some;
}
