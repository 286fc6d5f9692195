import type { Oid } from "./names.ts";
import { type Git, run } from "./run.ts";

/** Two trees, of which the second one is newer. */
export interface TreePair {
  readonly from: Oid;
  readonly to: Oid;
}

/** The paths in which each of many pairs differ, in one run of git. */
export async function changedNames(git: Git, pairs: readonly TreePair[]): Promise<string[][]> {
  if (pairs.length === 0) return [];
  const { stdout } = await run(git, ["diff-tree", "--stdin", "-r", "-z", "--name-only", "--no-renames"], {
    input: pairs.map(({ from, to }) => `${from} ${to}\n`).join(""),
  });
  const found = pairs.map((): string[] => []);
  const said = stdout.toString("utf8");
  let pair = -1;
  for (let at = 0; at < said.length;) {
    // A line names each pair that was asked about, in turn; then come its paths, each with NUL at its end.
    const next = pairs[pair + 1];
    const head = next ? `${next.from} ${next.to}\n` : null;
    if (head !== null && said.startsWith(head, at)) {
      pair++;
      at += head.length;
      continue;
    }
    const end = said.indexOf("\0", at);
    found[pair]?.push(said.slice(at, end));
    at = end + 1;
  }
  return found;
}
