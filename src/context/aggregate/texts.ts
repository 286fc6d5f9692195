import { fields } from "../../git/run.ts";
import type { Project } from "../../project.ts";
import { ARCHIVE_FILE, CONTEXT_FILE } from "../locate.ts";
import { TICKET_FILE } from "../ticket/files.ts";
import { type Aggregate, aggregate } from "./aggregate.ts";
import { tipsOf } from "./tips.ts";
import { kindOf, pathOf, type Unit } from "./units.ts";

/** A file as it was read. */
export interface FoundText {
  /** A path from where one stands; of another branch `BRANCH:PATH`, which `git show` prints. */
  readonly file: string;
  readonly text: string;
}

/** A context with what belongs to it. */
export interface FoundContext {
  /** What has fields: the context, and of a ticket its ticket.yml. */
  readonly documents: readonly FoundText[];
  /** What was moved out of it. */
  readonly archives: readonly FoundText[];
}

/** Where a migration keeps the bytes of what it took over, below the folder of the central context. */
export const LEGACY = "_legacy";

/** How many contexts are read at once. */
const AT_ONCE = 200;

/** The texts of every context of every branch that counts, with their archives. */
export async function* textsOfAll(project: Project): AsyncGenerator<FoundContext> {
  const all = await aggregate(project);
  for (let at = 0; at < all.units.length; at += AT_ONCE) {
    const read = await Promise.all(all.units.slice(at, at + AT_ONCE).map((unit) => textsOf(project, all, unit)));
    for (const found of read) if (found) yield found;
  }
}

async function textsOf(project: Project, all: Aggregate, unit: Unit): Promise<FoundContext | null> {
  const tip = all.tip(unit);
  if (!tip) return null;
  const folder = pathOf(project, unit.name);
  // A folder of many tickets is dear to look through for each.
  const from = kindOf(unit.name) === "ticket" ? unit.known.object : tip.commit;
  const read = async (name: string): Promise<FoundText[]> => {
    const object = await project.objects.read(from === tip.commit ? `${from}:${folder}/${name}` : `${from}:${name}`);
    if (object?.type !== "blob") return [];
    return [{ file: `${tip.names[0]}:${folder}/${name}`, text: object.data.toString("utf8") }];
  };
  const [context, archives, ticket] = await Promise.all([
    read(CONTEXT_FILE),
    read(ARCHIVE_FILE),
    kindOf(unit.name) === "ticket" ? read(TICKET_FILE) : [],
  ]);
  return { documents: [...context, ...ticket], archives };
}

/** What migrations archived, on any branch: a file that is the same on many is there once. */
export async function* legacyOfAll(project: Project): AsyncGenerator<FoundText> {
  const seen = new Set<string>();
  const folder = `${project.config.context.central}/${LEGACY}`;
  for (const { commit, names } of await tipsOf(project)) {
    const tree = await project.objects.stat(`${commit}:${folder}`);
    if (tree?.type !== "tree" || seen.has(tree.oid)) continue;
    seen.add(tree.oid);
    for (const entry of await fields(project.git, ["ls-tree", "-r", "-z", "--full-tree", tree.oid])) {
      const [mode = "", , blob = ""] = entry.split(/[ \t]/, 3);
      if (!mode.startsWith("100") || seen.has(entry)) continue;
      seen.add(entry);
      const text = (await project.objects.read(blob))?.data.toString("utf8");
      const path = entry.slice(entry.indexOf("\t") + 1);
      if (text !== undefined) yield { file: `${names[0]}:${folder}/${path}`, text };
    }
  }
}
