import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Project } from "../project.ts";

/** As far from here as from the built chunks. */
const assets = join(import.meta.dirname, "../../assets/tickets");

/**
 * The checklist that a ticket of this mode begins with: the team's own from `<tickets>/_templates/`, else the one that
 * comes with Berth; where a mode has none, the default one. [TKT-04]
 * @param tree the commit or tree in which the team's own stand
 */
export async function checklistTemplate(project: Project, tree: string, mode: string): Promise<string> {
  for (const name of [mode, "default"]) {
    const own = await project.objects.read(`${tree}:${project.config.context.tickets}/_templates/${name}.md`);
    if (own?.type === "blob") return own.data.toString("utf8");
  }
  const bundled = await readFile(join(assets, `${mode}.md`), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return bundled ?? readFile(join(assets, "default.md"), "utf8");
}
