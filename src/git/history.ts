import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Oid, oid } from "./names.ts";
import { type Git, fields } from "./run.ts";
import type { Identity } from "./write.ts";

export interface CommitRecord {
  readonly oid: Oid;
  readonly parents: readonly Oid[];
  readonly author: Identity;
  /** Unix seconds of the committer. */
  readonly seconds: number;
  readonly subject: string;
  readonly body: string;
}

const FORMAT = "%H%x00%P%x00%an%x00%ae%x00%ct%x00%B%x00";

/**
 * Commits reachable from `to` and not from `without`, oldest first.
 * @param options.merges false leaves out merge commits
 * @param options.paths only commits that touch one of these paths
 */
export async function commitsBetween(
  git: Git,
  without: readonly Oid[],
  to: Oid,
  options: { merges?: boolean; paths?: readonly string[]; limit?: number; firstParent?: boolean } = {},
): Promise<CommitRecord[]> {
  const args = ["log", "-z", "--topo-order", `--format=tformat:${FORMAT}`, "--encoding=UTF-8", "--no-show-signature"];
  if (options.limit === undefined) args.push("--reverse");
  else args.push(`--max-count=${options.limit}`);
  if (options.merges === false) args.push("--no-merges");
  if (options.firstParent) args.push("--first-parent");
  args.push(to, ...without.map((o) => `^${o}`), "--");
  if (options.paths) args.push(...options.paths.map((path) => `:(literal)${path}`));
  const said = await fields(git, args);
  const commits: CommitRecord[] = [];
  // Six fields a commit; -z adds one empty field between commits.
  for (let at = 0; at + 5 < said.length; at += 7) {
    const [hash, parents, name, email, seconds, message] = said.slice(at, at + 6);
    const [subject = "", ...rest] = (message ?? "").split("\n");
    commits.push({
      oid: oid(hash ?? ""),
      parents: (parents ?? "").split(" ").filter(Boolean).map(oid),
      author: { name: name ?? "", email: email ?? "" },
      seconds: Number(seconds),
      subject,
      body: rest.join("\n").trim(),
    });
  }
  return commits;
}

/** The values of a trailer in a commit's body, such as `Berth-Session`. */
export function trailer(body: string, key: string): string[] {
  return body
    .split("\n")
    .filter((line) => line.toLowerCase().startsWith(`${key.toLowerCase()}: `))
    .map((line) => line.slice(key.length + 2).trim());
}

/**
 * Whether a commit was made in one of the repository's own checkouts, and not fetched: the log of a HEAD says so. Where
 * git keeps its logs in tables, nothing does.
 */
export async function wasMadeHere(commonDir: string, commit: Oid): Promise<boolean> {
  const trees = await readdir(join(commonDir, "worktrees")).catch(() => []);
  const logs = [
    join(commonDir, "logs", "HEAD"),
    ...trees.map((name) => join(commonDir, "worktrees", name, "logs", "HEAD")),
  ];
  for (const log of logs) {
    const text = await readFile(log, "utf8").catch(() => "");
    if (
      text.split("\n").some((line) => line.slice(commit.length + 1).startsWith(`${commit} `) && /\tcommit\b/.test(line))
    )
      return true;
  }
  return false;
}
