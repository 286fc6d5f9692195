import { type Oid, oid } from "./names.ts";
import { type Git, run } from "./run.ts";

/** What one commit of a branch left at a path. */
export interface LineState {
  readonly commit: Oid;
  readonly path: string;
  /** A file or folder. */
  readonly object: Oid;
}

/**
 * What has stood at paths on the line of a branch, which goes from each commit to its first parent: each commit that
 * changed one, the newest first.
 * @param range.without commits at which the line ends: what they have is left out
 */
export async function statesOnLine(
  git: Git,
  range: { readonly tip: Oid; readonly without: readonly Oid[] },
  paths: readonly string[],
): Promise<LineState[]> {
  const shape = ["--first-parent", "--diff-merges=first-parent", "--raw", "-t", "-z", "--no-renames", "--no-abbrev"];
  const revisions = [range.tip, ...range.without.map((commit) => `^${commit}`)];
  const args = ["-c", "log.showRoot=true", "log", ...shape, "--no-show-signature", "--format=%x01%H", ...revisions];
  const { stdout } = await run(git, [...args, "--", ...paths], { env: { GIT_LITERAL_PATHSPECS: "1" } });
  const found: LineState[] = [];
  for (const entry of stdout.toString("utf8").split("\x01").slice(1)) {
    const [commit = "", ...pieces] = entry.split("\0");
    for (let at = 0; at < pieces.length; at++) {
      const change = (pieces[at] ?? "").trimStart();
      if (!change.startsWith(":")) continue;
      const [, , , to = ""] = change.split(" ");
      at += 1;
      if (!/^0+$/.test(to)) found.push({ commit: oid(commit.trim()), path: pieces[at] ?? "", object: oid(to) });
    }
  }
  return found;
}
