import { pathToFileURL } from "node:url";
import { type Git, run, text } from "../git/run.ts";
import { type Oid, oid, refName } from "../git/names.ts";
import { writeCommit } from "../git/write.ts";
import type { Project } from "../project.ts";
import type { Marker } from "./marker.ts";

/** More than this many at once git would not take as parents. */
const MOST = 1000;

/**
 * Commits that only the log of a clone's HEAD has, as after a reset or an amend, would go with its folder. (Those of a
 * work tree stay in the repository, for as long as git keeps what nothing names.) They get a name in the parent.
 * @param marker of a clone
 * @param dir where it is now
 * @returns the name; null when there are none
 */
export async function keepDiscarded(project: Project, marker: Marker, dir: string): Promise<string | null> {
  const clone = { ...project.git, dir };
  const discarded = await unnamed(clone);
  if (discarded.length === 0) return null;
  const tree = oid(await text(clone, ["hash-object", "-t", "tree", "-w", "--stdin"]));
  const message = `Commits that were discarded in the workspace of ${marker.session}\n`;
  const author = { name: marker.agent, email: marker.email };
  const seconds = Math.floor(Date.parse(marker.createdAt) / 1000);
  const commit = await writeCommit(clone, { tree, parents: discarded, message, author, seconds }, false);
  const ref = refName(`refs/berth/kept/${marker.session}-discarded-${commit.slice(0, 12)}`);
  const parent = pathToFileURL(project.repository.commonDir).href;
  await run(clone, ["push", "--quiet", "--no-verify", parent, `${commit}:${ref}`]);
  return ref;
}

/** Commits of the logs that no reference leads to, without those that another of them leads to. */
async function unnamed(clone: Git): Promise<Oid[]> {
  const found = await text(clone, ["rev-list", "--parents", "--reflog", "--not", "--all", "HEAD"]);
  const [all, followed] = [new Set<string>(), new Set<string>()];
  for (const line of found.split("\n").filter(Boolean)) {
    const [own = "", ...parents] = line.split(" ");
    all.add(own);
    for (const parent of parents) followed.add(parent);
  }
  return [...all]
    .filter((commit) => !followed.has(commit))
    .slice(0, MOST)
    .map(oid);
}
