import { BerthError } from "../errors.ts";
import type { Clock } from "../clock.ts";
import { shortHash } from "../hash.ts";
import type { Hub, HubFinding, Publication } from "./hub.ts";
import { inspectRemote } from "./hub-inspect.ts";
import { branchName, type Oid, oid, refName, type RefName } from "./names.ts";
import type { ObjectReader } from "./objects.ts";
import { resolveCommit, type RefUpdate, updateRefs } from "./refs.ts";
import { parentsOf } from "./name-room.ts";
import { remoteAddress } from "./remote-address.ts";
import { type Git, GitError, run } from "./run.ts";
import { endStillborn } from "./stillborn.ts";

/**
 * A hub behind a configured remote, moved by `git push`.
 * @param at.url its one address, where the caller knows that no setting says otherwise
 * @param at.commonDir the git directory that all work trees share
 */
export async function openRemoteHub(
  git: Git,
  objects: ObjectReader,
  clock: Clock,
  at: { readonly remote: string; readonly url: string | null; readonly commonDir: string },
): Promise<Hub> {
  const remote = branchName(at.remote);
  const { push: url, local, split } = await remoteAddress(git, remote, at.url);
  const seen = (branch: string): RefName => refName(`refs/remotes/${remote}/${branch}`);
  return {
    kind: "remote",
    name: local ?? url.replace(/^([a-z+]+:\/\/)[^@/]*@/, "$1"),
    get id() {
      return shortHash(local ?? url);
    },
    seen,
    fetch: async (branches, optional = []) => {
      const heal = (): Promise<number> => endStillborn(at.commonDir, clock);
      await fetchBranches(git, clock, remote, { branches: branches.map(branchName), optional, heal }, seen);
      for (const parent of optional.flatMap(parentsOf)) {
        if (await objects.stat(seen(parent))) throw inTheWay(remote, parent);
      }
    },
    publish: async (updates) => {
      if (split !== null) throw elsewhere(split, remote);
      const answer = await push(git, remote, updates);
      if (answer.accepted) await remember(git, objects, updates, seen);
      return answer;
    },
    defaultBranch: () => defaultBranch(git, remote),
    inspect: (branches): Promise<readonly HubFinding[]> => inspectRemote(git, remote, { local, split }, branches),
  };
}

/** What nobody else can read is not published. */
function elsewhere(split: string, remote: string): BerthError {
  return new BerthError("HUB_REFUSED", `Nothing was published: ${split}, so that others would not see it.`, {
    hint: `Make both addresses one (git remote set-url --push ${remote} URL), or name another hub: berth config remote NAME`,
    facts: { remote },
  });
}

async function defaultBranch(git: Git, remote: string): Promise<string | null> {
  const { stdout } = await run(git, ["ls-remote", "--quiet", "--symref", "--", remote, "HEAD"], { accept: [128] });
  return /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(stdout.toString("utf8"))?.[1] ?? null;
}

const QUIET = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules"];

async function fetchBranches(
  git: Git,
  clock: Clock,
  remote: string,
  wanted: {
    readonly branches: readonly string[];
    readonly optional: readonly string[];
    readonly heal: () => Promise<number>;
  },
  seen: (branch: string) => RefName,
): Promise<void> {
  const branches = [...wanted.branches, ...wanted.optional];
  const specs = (names: readonly string[]): string[] => names.map((b) => `+refs/heads/${b}:${seen(b)}`);
  const patterns = wanted.optional.flatMap((branch) => [branchName(branch), ...parentsOf(branch)]);
  const first = [...specs(wanted.branches), ...patterns.map((pattern) => patternSpec(pattern, remote))];
  let last: Error | undefined;
  for (let attempt = 0; attempt < 6; attempt++) {
    // Two fetches of one clone may meet at the lock of a reference: the other one brings the same news.
    if (attempt > 0) await clock.sleep(20 * 2 ** attempt * (0.5 + clock.random()));
    try {
      await run(git, ["fetch", ...QUIET, "--prune", "--no-prune-tags", remote, ...first]);
      return;
    } catch (error) {
      last = error as Error;
      if (error instanceof GitError && /worktrees\/.*HEAD/.test(error.stderr) && (await wanted.heal()) > 0) continue;
    }
    const there = await listHub(git, remote, branches);
    if (!there) break;
    const blocking = branches.flatMap(parentsOf).find((parent) => there.has(parent));
    if (blocking !== undefined) throw inTheWay(remote, blocking);
    const missing = branches.filter((branch) => !there.has(branch));
    if (missing.length === 0) continue;
    await requireNeverSeen(
      git,
      remote,
      wanted.branches.filter((branch) => !there.has(branch)),
      seen,
    );
    await forget(git, missing.map(seen));
    const present = branches.filter((branch) => there.has(branch));
    if (present.length === 0) return;
    await run(git, ["fetch", ...QUIET, remote, ...specs(present)]).catch((error: Error) => (last = error));
    if (
      await everySeen(
        git,
        present.map(seen),
        present.map((b) => there.get(b)),
      )
    )
      return;
  }
  throw new BerthError("HUB_UNREACHABLE", `The hub could not be read through the remote "${remote}".`, {
    hint: `Check the connection and the permission with: git ls-remote ${remote}`,
    cause: last,
    facts: { remote, said: last instanceof Error ? last.message : undefined },
  });
}

/**
 * A pattern for (hardly more than) one branch: its star stands for nothing. A hub without that branch is then no
 * failure, and with `--prune` what was seen of it goes away in the same run.
 */
function patternSpec(branch: string, remote: string): string {
  // Behind the last slash, so that the hub names only the branches beside it.
  const at = Math.max(1, branch.lastIndexOf("/") + 1);
  const pattern = `${branch.slice(0, at)}*${branch.slice(at)}`;
  return `+refs/heads/${pattern}:refs/remotes/${remote}/${pattern}`;
}

/**
 * What was seen of a branch that the hub has no more may be the last copy of it, and is kept.
 * @throws BerthError UNREADABLE
 */
async function requireNeverSeen(
  git: Git,
  remote: string,
  branches: readonly string[],
  seen: (branch: string) => RefName,
): Promise<void> {
  for (const branch of branches) {
    const { code, stdout } = await run(git, ["rev-parse", "--verify", "--quiet", seen(branch)], { accept: [1] });
    if (code !== 0) continue;
    const last = stdout.toString("utf8").trim();
    throw new BerthError(
      "UNREADABLE",
      `The hub has no branch ${branch} any more; here it was last seen at ${last.slice(0, 10)}.`,
      {
        hint: `Where it was removed by mistake, put it back: git push ${remote} ${seen(branch)}:refs/heads/${branch}`,
        facts: { remote, branch, last },
      },
    );
  }
}

function inTheWay(remote: string, branch: string): BerthError {
  return new BerthError("HUB_REFUSED", `The hub has a branch "${branch}"; git has no ${branch}/… beside it.`, {
    hint: `Rename it there, for instance: git push ${remote} ${remote}/${branch}:refs/heads/${branch}-old && git push ${remote} :refs/heads/${branch}`,
    facts: { remote, branch },
  });
}

async function listHub(git: Git, remote: string, branches: readonly string[]): Promise<Map<string, Oid> | null> {
  const parents = branches.flatMap(parentsOf);
  const refs = [...new Set([...parents, ...branches])].map((branch) => `refs/heads/${branch}`);
  const said = await run(git, ["ls-remote", "--quiet", "--", remote, ...refs], { accept: [2, 128] });
  if (said.code === 128) return null;
  const found = new Map<string, Oid>();
  for (const line of said.stdout.toString("utf8").split("\n")) {
    const [hash, ref] = line.split("\t");
    if (hash && ref && refs.includes(ref)) found.set(ref.slice("refs/heads/".length), oid(hash));
  }
  return found;
}

async function everySeen(git: Git, refs: readonly RefName[], tips: readonly (Oid | undefined)[]): Promise<boolean> {
  for (const [i, ref] of refs.entries()) {
    const { stdout } = await run(git, ["rev-parse", "--verify", "--quiet", ref], { accept: [1] });
    if (stdout.toString("utf8").trim() !== tips[i]) return false;
  }
  return true;
}

async function forget(git: Git, refs: readonly RefName[]): Promise<void> {
  for (const ref of refs) await run(git, ["update-ref", "-d", ref], { accept: [1, 128] });
}

/** What the tracking references would be after a fetch, without one. */
async function remember(
  git: Git,
  objects: ObjectReader,
  updates: readonly RefUpdate[],
  seen: (branch: string) => RefName,
): Promise<void> {
  const moves: RefUpdate[] = [];
  for (const update of updates) {
    // Only branches are followed.
    if (!update.ref.startsWith("refs/heads/")) continue;
    const ref = seen(update.ref.slice("refs/heads/".length));
    const now = await resolveCommit(objects, ref);
    if (now !== update.new) moves.push({ ref, old: now, new: update.new });
  }
  if (moves.length > 0) await updateRefs(git, moves, "berth: published");
}

async function push(git: Git, remote: string, updates: readonly RefUpdate[]): Promise<Publication> {
  const args = ["push", "--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--no-signed"];
  if (updates.length > 1) args.push("--atomic");
  for (const update of updates) {
    if (update.new === null) args.push(`--force-with-lease=${update.ref}:${update.old ?? ""}`);
  }
  args.push(remote, ...updates.map((update) => `${update.new ?? ""}:${update.ref}`));
  const said = await run(git, args, { accept: [1, 128, 255] }).catch((error: Error) => error);
  if (said instanceof Error) return { accepted: false, said: said.message, cut: true, notAtomic: false };
  if (said.code === 0) return { accepted: true };
  const lines = said.stdout.toString("utf8").split("\n");
  const refused = lines.filter((line) => line.startsWith("!\t")).map((line) => line.slice(2));
  const words = [...refused, ...said.stderr.trim().split("\n")].filter((line) => line !== "").join("\n");
  return {
    accepted: false,
    said: words.slice(0, 2000),
    cut: refused.length === 0,
    notAtomic: /does not support --atomic/.test(said.stderr),
  };
}
