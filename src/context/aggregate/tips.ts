import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Oid, oid } from "../../git/names.ts";
import { run } from "../../git/run.ts";
import type { Project } from "../../project.ts";
import { CONTEXT_FILE } from "../locate.ts";

/** A commit that branches or work trees stand on, with where its contexts are. */
export interface Tip {
  readonly commit: Oid;
  /** `main`, `origin/main`, `worktree NAME`: the branches of this repository first. */
  readonly names: readonly string[];
  /** The branch that it is about, here or on the hub: that of a session, where there is one. */
  readonly branch: string;
}

/** Where the contexts of a commit are; null for what it does not have. */
export interface Places {
  /** The folder of the tickets. */
  readonly tickets: Oid | null;
  /** The file of the central context. */
  readonly central: Oid | null;
  /** The file of a session's context. */
  readonly session: Oid | null;
}

/** Where everybody's work is: what the hub has of the base branch, else what this clone has. */
export function baseOf(project: Pick<Project, "hub" | "config">, tips: readonly Tip[]): Tip | undefined {
  const { base } = project.config;
  const named = (name: string): Tip | undefined => tips.find(({ names }) => names.includes(name));
  return named(seenName(project, base)) ?? named(base);
}

/**
 * Every commit that a branch, a work tree without a branch, or a branch of the hub as last fetched stands on. The
 * ledger has no contexts.
 */
export async function tipsOf(project: Project): Promise<Tip[]> {
  const hubs = project.hub.kind === "remote" ? [hubPrefix(project)] : [];
  const args = ["for-each-ref", "--format=%(objectname) %(objecttype) %(refname) %(symref)", "refs/heads", ...hubs];
  const { stdout } = await run(project.git, args);
  const found = new Map<Oid, string[]>();
  const put = (commit: Oid, name: string): void => void found.set(commit, [...(found.get(commit) ?? []), name]);
  for (const line of stdout.toString("utf8").split("\n")) {
    const [commit, type, ref, ...symref] = line.split(" ");
    if (commit === undefined || ref === undefined || type !== "commit" || symref.join("") !== "") continue;
    const name = ref.replace(/^refs\/(?:heads|remotes)\//, "");
    if (branchOf(project, name) !== project.config.ledger.branch) put(oid(commit), name);
  }
  for (const { name, commit } of await detached(project)) put(commit, `worktree ${name}`);
  return [...found].map(([commit, names]) => {
    const branches = names.map((name) => branchOf(project, name));
    const [own] = ["session/", "phase/"].flatMap((kind) => branches.find((name) => name.startsWith(kind)) ?? []);
    return { commit, names, branch: own ?? branches[0] ?? "" };
  });
}

/** The branch that a name is about, here or on the hub. */
function branchOf(project: Pick<Project, "hub">, name: string): string {
  const prefix = seenName(project, "");
  return prefix !== "" && name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

function seenName(project: Pick<Project, "hub">, branch: string): string {
  return project.hub.kind === "remote" ? `${hubPrefix(project).slice("refs/remotes/".length)}${branch}` : branch;
}

/** `refs/remotes/origin/`. */
function hubPrefix({ hub }: Pick<Project, "hub">): string {
  return hub.seen("x").slice(0, -1);
}

/** Work trees on no branch. */
async function detached({ repository }: Project): Promise<{ name: string; commit: Oid }[]> {
  const folder = join(repository.commonDir, "worktrees");
  const names = await readdir(folder).catch(() => []);
  const dirs = [["main", repository.commonDir], ...names.map((name) => [name, join(folder, name)])];
  const heads = await Promise.all(
    dirs.map(async ([name = "", dir = ""]) => ({
      name,
      head: await readFile(join(dir, "HEAD"), "utf8").catch(() => ""),
    })),
  );
  return heads.flatMap(({ name, head }) =>
    /^[0-9a-f]{40,64}\n?$/.test(head) ? [{ name, commit: oid(head.trim()) }] : [],
  );
}

/** Looks up where the contexts of a commit are. */
export async function placesOf({ objects, config }: Pick<Project, "objects" | "config">, commit: Oid): Promise<Places> {
  const at = async (path: string, type: "tree" | "blob"): Promise<Oid | null> => {
    const found = await objects.stat(`${commit}:${path}`);
    return found?.type === type ? found.oid : null;
  };
  const [tickets, central, session] = await Promise.all([
    at(config.context.tickets, "tree"),
    at(`${config.context.central}/${CONTEXT_FILE}`, "blob"),
    at(`.session/${CONTEXT_FILE}`, "blob"),
  ]);
  return { tickets, central, session };
}
