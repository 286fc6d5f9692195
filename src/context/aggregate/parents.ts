import { type Oid, oid } from "../../git/names.ts";
import type { Project } from "../../project.ts";

/** The parents of a commit, as it names them: a shallow clone need not have them. */
export async function parentsOf({ objects }: Pick<Project, "objects">, commit: Oid): Promise<Oid[]> {
  const head = (await objects.read(commit))?.data.toString("latin1").split("\n\n", 1)[0] ?? "";
  return [...head.matchAll(/^parent ([0-9a-f]+)$/gm)].map(([, parent = ""]) => oid(parent));
}
