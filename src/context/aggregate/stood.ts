import { commonAncestor, isAncestor } from "../../git/refs.ts";
import { statesOnLine } from "../../git/line-states.ts";
import type { Oid } from "../../git/names.ts";
import type { Project } from "../../project.ts";
import { CONTEXT_FILE } from "../locate.ts";
import type { Memory } from "./cache.ts";
import { parentsOf } from "./parents.ts";
import { pathOf } from "./units.ts";

/** A version of a context that the base does not have, of a branch that left the base at a commit. */
export interface Asked {
  readonly name: string;
  readonly object: Oid;
  readonly fork: Oid;
}

/** Whether a version was found to have stood on the base since its branch left it: a squash has no commit of that branch. */
export function hasStood(memory: Memory, asked: Asked): boolean {
  return memory.stood.known.get(keyOf(asked)) === true;
}

/**
 * Finds out of versions whether they have stood on the base, however long ago. What is known of the base is not looked
 * through again: as long as it only went on, only that is.
 */
export async function rememberStood(
  project: Project,
  memory: Memory,
  base: Oid,
  asked: readonly Asked[],
): Promise<void> {
  if (asked.length === 0) return;
  const { at, known } = memory.stood;
  const since = at !== null && (await isOnLine(project, at, base)) ? at : null;
  const before = since === null ? new Map<string, boolean>() : known;
  memory.stood.at = base;
  const found = new Map(asked.map((one) => [keyOf(one), before.get(keyOf(one)) === true]));
  memory.stood.known = found;
  const fresh = asked.filter((one) => !before.has(keyOf(one)));
  const open = asked.filter((one) => before.get(keyOf(one)) === false);
  if (since !== null && since !== base) await search(project, found, { base, from: since }, open);
  if (fresh.length === 0) return;
  const from = await commonAncestor(project.git, [...new Set(fresh.map(({ fork }) => fork))]);
  await search(project, found, { base, from }, fresh);
}

/** Beyond so many paths git is told the folder: a command line has an end. */
const MOST_PATHS = 200;

async function search(
  project: Project,
  found: Map<string, boolean>,
  { base, from }: { readonly base: Oid; readonly from: Oid | null },
  asked: readonly Asked[],
): Promise<void> {
  if (asked.length === 0) return;
  const { tickets, central } = project.config.context;
  const all = [...new Set(asked.map(({ name }) => placeOf(project, name)))];
  const paths = all.length > MOST_PATHS ? [tickets, `${central}/${CONTEXT_FILE}`] : all;
  const states = await statesOnLine(project.git, { tip: base, without: from === null ? [] : [from] }, paths);
  const commits = Map.groupBy(states, ({ path, object }) => `${object} ${path}`);
  for (const one of asked) {
    for (const { commit } of commits.get(`${one.object} ${placeOf(project, one.name)}`) ?? []) {
      // What stood there before the branch began is no landing of it.
      if (one.fork !== from && (await isAncestor(project.git, commit, one.fork))) continue;
      found.set(keyOf(one), true);
      break;
    }
  }
}

/** Where a version of a context stands, as git names it. */
function placeOf(project: Project, name: string): string {
  const path = pathOf(project, name);
  return path.startsWith(`${project.config.context.tickets}/`) ? path : `${path}/${CONTEXT_FILE}`;
}

function keyOf({ name, object, fork }: Asked): string {
  return `${fork} ${object} ${name}`;
}

/** Whether a branch that stands on `tip` stood on `commit` some commits ago. */
async function isOnLine(project: Project, commit: Oid, tip: Oid): Promise<boolean> {
  let at: Oid | undefined = tip;
  for (let count = 0; count < 100 && at !== undefined; count++) {
    if (at === commit) return true;
    [at] = await parentsOf(project, at);
  }
  return false;
}
