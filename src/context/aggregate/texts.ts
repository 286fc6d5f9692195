import type { Project } from "../../project.ts";
import { ARCHIVE_FILE, CONTEXT_FILE } from "../locate.ts";
import { type Aggregate, aggregate } from "./aggregate.ts";
import { kindOf, pathOf, type Unit } from "./units.ts";

/** A file as it was read. */
export interface FoundText {
  /** A path from where one stands; of another branch `BRANCH:PATH`, which `git show` prints. */
  readonly file: string;
  readonly text: string;
}

/** A context with what was moved out of it. */
export interface FoundContext {
  readonly context: FoundText;
  readonly archives: readonly FoundText[];
}

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
  const [[context], archives] = await Promise.all([read(CONTEXT_FILE), read(ARCHIVE_FILE)]);
  return context ? { context, archives } : null;
}
