import { type Oid, oid } from "./names.ts";
import { type Git, run } from "./run.ts";

/** The folders in a folder that are other than in another one: names to their objects, null where there is none. */
export type TreeChanges = ReadonlyMap<string, Oid | null>;

/**
 * Compares folders with one, in one run of git: which folders of each are other than in `from`. What lies deeper is not
 * looked at.
 */
export async function compareTrees(git: Git, from: Oid, trees: readonly Oid[]): Promise<Map<Oid, TreeChanges>> {
  const found = new Map<Oid, Map<string, Oid | null>>(trees.map((tree) => [tree, new Map()]));
  const asked = trees.filter((tree) => tree !== from);
  if (asked.length === 0) return found;
  const { stdout } = await run(git, ["diff-tree", "--stdin", "-z", "--raw", "--no-renames", "--no-abbrev"], {
    input: asked.map((tree) => `${from} ${tree}\n`).join(""),
  });
  const text = stdout.toString("utf8");
  let changes: Map<string, Oid | null> | undefined;
  for (let at = 0; at < text.length;) {
    const end = text.indexOf(text[at] === ":" ? "\0" : "\n", at);
    const line = text.slice(at, end);
    at = end + 1;
    if (!line.startsWith(":")) {
      changes = found.get(oid(line.split(" ")[1] ?? ""));
      continue;
    }
    const [, mode, , to = ""] = line.split(" ");
    const next = text.indexOf("\0", at);
    changes?.set(text.slice(at, next), mode === "040000" ? oid(to) : null);
    at = next + 1;
  }
  return found;
}
