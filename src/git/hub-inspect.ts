import type { HubFinding } from "./hub.ts";
import { type Git, run } from "./run.ts";

/**
 * Facts about a hub behind a remote. What a remote host only reveals by refusing a push is not guessed at; where the
 * hub is a folder of this machine its settings are read.
 * @param local the hub's folder, when it is on this machine
 */
export async function inspectRemote(git: Git, remote: string, local: string | null): Promise<readonly HubFinding[]> {
  const reached = await run(git, ["ls-remote", "--quiet", "--", remote, "HEAD"], { accept: [128] });
  if (reached.code !== 0) {
    const fix = `Check the address and the permission: git ls-remote ${remote}`;
    return [{ name: "hub", ok: false, detail: reached.stderr.trim().slice(0, 300), fix }];
  }
  const findings: HubFinding[] = [{ name: "hub", ok: true, detail: `${remote} answers`, fix: null }];
  findings.push(await atomicPush(git, remote));
  if (local !== null) findings.push(...(await hubSettings(git, local)));
  return findings;
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
    ok: !missing,
    detail: missing
      ? "the hub cannot move two branches at once; landing takes three steps"
      : "the hub moves branches together",
    fix: missing ? "Landing stays safe and is slower. receive.advertiseAtomic=true on the hub turns it on." : null,
  };
}

async function hubSettings(git: Git, hub: string): Promise<HubFinding[]> {
  const read = async (key: string): Promise<string> => {
    const { stdout } = await run(git, ["config", "--get", key], { dir: hub, accept: [1] });
    return stdout.toString("utf8").trim();
  };
  const bare = (await run(git, ["rev-parse", "--is-bare-repository"], { dir: hub })).stdout.toString("utf8").trim();
  const findings: HubFinding[] = [];
  if (bare !== "true") {
    const current = await read("receive.denyCurrentBranch");
    const checkedOut = (await run(git, ["symbolic-ref", "-q", "HEAD"], { dir: hub, accept: [1] })).stdout;
    const refuses = !["updateInstead", "ignore", "warn"].includes(current);
    findings.push({
      name: "hub-checkout",
      ok: current === "updateInstead",
      detail: `the hub has a checkout of ${checkedOut.toString("utf8").trim()} and ${refuses ? "refuses pushes to it" : `has receive.denyCurrentBranch=${current}`}`,
      fix: "Use a bare repository as the hub, or set receive.denyCurrentBranch=updateInstead there.",
    });
  }
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
