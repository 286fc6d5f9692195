import type { HubFinding } from "./hub.ts";
import { parentsOf } from "./name-room.ts";
import type { RemoteAddress } from "./remote-address.ts";
import { type Git, run } from "./run.ts";

/**
 * Facts about a hub behind a remote. What a remote host only reveals by refusing a push is not guessed at; where the
 * hub is a folder of this machine its settings are read.
 * @param address.local the hub's folder, when it is on this machine
 */
export async function inspectRemote(
  git: Git,
  remote: string,
  { local, split }: Pick<RemoteAddress, "local" | "split">,
  branches: readonly string[],
): Promise<readonly HubFinding[]> {
  const reached = await run(git, ["ls-remote", "--quiet", "--", remote, "HEAD"], { accept: [128] });
  if (reached.code !== 0) {
    const fix = `Check the address and the permission: git ls-remote ${remote}`;
    return [{ name: "hub", ok: false, detail: reached.stderr.trim().slice(0, 300), fix }];
  }
  const findings: HubFinding[] = [{ name: "hub", ok: true, detail: `${remote} answers`, fix: null }];
  if (split !== null) {
    const fix = `Others would not see what is pushed. Make both one: git remote set-url --push ${remote} URL`;
    findings.push({ name: "hub-push", ok: false, detail: split, fix });
  }
  findings.push(...(await inTheWay(git, remote, branches)));
  findings.push(await atomicPush(git, remote));
  if (local !== null) findings.push(...(await hubSettings(git, local, branches)));
  return findings;
}

/** Branches of the hub beside which ours, and those of sessions, cannot be. */
async function inTheWay(git: Git, remote: string, branches: readonly string[]): Promise<HubFinding[]> {
  const parents = [...new Set([...branches, "session/x"].flatMap(parentsOf))].map((b) => `refs/heads/${b}`);
  const { stdout } = await run(git, ["ls-remote", "--quiet", "--", remote, ...parents], { accept: [2, 128] });
  const there = stdout
    .toString("utf8")
    .split("\n")
    .map((line) => line.split("\t")[1] ?? "");
  return parents
    .filter((ref) => there.includes(ref))
    .map((ref) => {
      const branch = ref.slice("refs/heads/".length);
      const detail = `the hub has a branch "${branch}", beside which git has no ${branch}/…`;
      return { name: "hub-branches", ok: false, detail, fix: `Rename the branch ${branch} on the hub.` };
    });
}

/** A dry run makes git read the hub's capabilities and sends nothing. */
async function atomicPush(git: Git, remote: string): Promise<HubFinding> {
  const probe = await run(
    git,
    ["push", "--dry-run", "--porcelain", "--atomic", "--no-verify", remote, "HEAD:refs/heads/berth/probe"],
    { accept: [1, 128] },
  );
  const missing = /does not support --atomic/.test(probe.stderr);
  return {
    name: "atomic-push",
    ok: true,
    detail: missing
      ? "the hub cannot move two branches at once; landing takes three steps"
      : "the hub moves branches together",
    fix: missing ? "Landing stays safe and is slower. receive.advertiseAtomic=true on the hub turns it on." : null,
  };
}

async function hubSettings(git: Git, hub: string, branches: readonly string[]): Promise<HubFinding[]> {
  const read = async (key: string): Promise<string> => {
    const { stdout } = await run(git, ["config", "--get", key], { dir: hub, accept: [1] });
    return stdout.toString("utf8").trim();
  };
  const bare = (await run(git, ["rev-parse", "--is-bare-repository"], { dir: hub })).stdout.toString("utf8").trim();
  const findings: HubFinding[] = [];
  if (bare !== "true") findings.push(await checkoutOf(git, hub, await read("receive.denyCurrentBranch"), branches));
  const deletes = await read("receive.denyDeletes");
  findings.push({
    name: "hub-deletes",
    ok: true,
    detail:
      deletes === "true"
        ? "the hub keeps finished session branches (receive.denyDeletes)"
        : "finished session branches are deleted",
    fix: null,
  });
  const forced = await read("receive.denyNonFastForwards");
  findings.push({
    name: "hub-fast-forward",
    ok: true,
    detail: `Berth only moves branches forward${forced === "true" ? ", as receive.denyNonFastForwards asks" : ""}`,
    fix: null,
  });
  return findings;
}

/** A branch that is checked out on the hub is not moved by a push, or is moved away under its files. */
async function checkoutOf(git: Git, hub: string, setting: string, branches: readonly string[]): Promise<HubFinding> {
  const { stdout } = await run(git, ["symbolic-ref", "--quiet", "--short", "HEAD"], { dir: hub, accept: [1] });
  const branch = stdout.toString("utf8").trim();
  const name = "hub-checkout";
  if (!branches.includes(branch))
    return { name, ok: true, detail: `the hub has a checkout of ${branch || "no branch"}`, fix: null };
  if (setting === "updateInstead") {
    return {
      name,
      ok: true,
      detail: `the hub's checkout of ${branch} follows (updateInstead), while it is clean`,
      fix: null,
    };
  }
  const refuses = setting !== "ignore" && setting !== "warn";
  const detail = `${branch} is checked out on the hub, which ${refuses ? "refuses pushes to it" : "leaves its files behind when it moves"}`;
  return {
    name,
    ok: false,
    detail,
    fix: "Use a bare repository as the hub, or set receive.denyCurrentBranch=updateInstead there.",
  };
}
