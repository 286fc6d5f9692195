import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { parseYaml } from "../../src/document/yaml.ts";
import { cloneFaults, hubFaults } from "./ledger-invariants.ts";
import type { World } from "./crash-scenario.ts";
import type { Sandbox } from "./sandbox.ts";

/** What must hold at every moment, whatever was killed when; read with plain git. */
export function checkInvariants(world: World): void {
  const { box, home, hub } = world;
  const onHub = (...args: string[]): string => box.git(box.hub, ...args);
  expect(hubFaults(onHub)).toEqual([]);
  if (hub !== "local") expect(cloneFaults(onHub, (...args) => box.git(home, ...args))).toEqual([]);
  if (world.ticket === undefined && world.id !== "") checkState(world);
  checkKept(world);
}

/** What a session's verb does stands as a whole (INV-5), and completed means that its files are on the base (INV-4). */
function checkState({ box, id, commits }: World): void {
  const paths = box.git(box.hub, "ls-tree", "-r", "--name-only", "berth/ledger").split("\n");
  const states = paths.filter((path) => path.split("/")[1] === id).map((path) => path.split("/")[0]);
  if (!states.includes("completed") || commits.length === 0) return;
  expect(box.git(box.hub, "ls-tree", "-r", "--name-only", "main").split("\n")).toContain("src/new.txt");
}

/** Every commit is reachable from a reference or a checkout, and the uncommitted text is in a file or a snapshot. */
function checkKept(world: World): void {
  const places = checkouts(world);
  for (const commit of world.commits) {
    const reachable = places.some((dir) => isKept(world.box, dir, commit));
    expect(reachable, `${commit} is lost`).toBe(true);
  }
  if (world.text === null) return;
  const inFile = places.some(
    (dir) => existsSync(join(dir, "src/loose.txt")) && readFileSync(join(dir, "src/loose.txt"), "utf8") === world.text,
  );
  const inRefs = [world.home, world.box.hub].some((dir) =>
    world.box
      .git(dir, "for-each-ref", "--format=%(refname)")
      .split("\n")
      .some((ref) => has(world, dir, ref)),
  );
  expect(inFile || inRefs, "uncommitted work is lost").toBe(true);
}

function isKept(box: Sandbox, dir: string, commit: string): boolean {
  try {
    return box.git(dir, "for-each-ref", "--format=%(refname)", "--contains", commit) !== "";
  } catch {
    // This repository does not even know the commit.
    return false;
  }
}

function has(world: World, dir: string, ref: string): boolean {
  return ref !== "" && world.box.git(dir, "ls-tree", ref, "--", "src/loose.txt") !== "";
}

function checkouts(world: World): string[] {
  const clone = join(world.home, ".sessions", world.id);
  const kept = [".worktrees", ".sessions"].flatMap((folder) => [
    join(world.home, folder, world.id),
    join(world.home, folder, `.${world.id}.removing`),
    join(world.home, folder, `${world.id}.e2`),
  ]);
  return [world.home, world.box.hub, clone, ...kept].filter((dir) => existsSync(dir));
}

interface Claim {
  readonly epoch: number | null;
  readonly agent: string | null;
  readonly landed: readonly { readonly commit: string }[];
  readonly landing: { readonly commit: string } | null;
  readonly ended: string | null;
}

function claimOf({ box, id, ticket }: World, state: string): Claim {
  const listed =
    ticket !== undefined || id === "" || state === ""
      ? ""
      : box.git(box.hub, "ls-tree", "--name-only", "berth/ledger", "--", `${state}/${id}/claim.yaml`);
  if (listed === "") return { epoch: null, agent: null, landed: [], landing: null, ended: null };
  const raw = parseYaml(box.git(box.hub, "show", `berth/ledger:${state}/${id}/claim.yaml`), "claim.yaml") as {
    epoch: number;
    agent: string;
    landed: Claim["landed"];
    landing: Claim["landing"];
    ended: { how: string } | null;
  };
  const { epoch, agent, landed, landing } = raw;
  return { epoch, agent, landed, landing, ended: raw.ended?.how ?? null };
}

export type EndState = Readonly<Record<string, unknown>>;

/** What a finished verb leaves behind, without times and object names that differ from run to run. */
export function endState(world: World): EndState {
  const { box, home } = world;
  const hub = (...args: string[]): string[] => box.git(box.hub, ...args).split("\n");
  const ledger = hub("ls-tree", "-r", "--name-only", "berth/ledger");
  const own = ledger.find((path) => path.split("/")[1] === world.id && path.endsWith("/SESSION.md"));
  const { landed, landing, ...claim } = claimOf(world, own?.split("/")[0] ?? "");
  return {
    ledger,
    lock: hub("show", "berth/ledger:sessions.lock").map((line) => line.split(":")[0]),
    plan: own ? hub("show", `berth/ledger:${own}`) : [],
    claim: { ...claim, landed: landed.length, landing },
    base: world.ticket === undefined ? hub("ls-tree", "-r", "main") : hub("ls-tree", "-r", "--name-only", "main"),
    here: box.git(home, "ls-tree", "-r", ...(world.ticket === undefined ? [] : ["--name-only"]), "HEAD"),
    landings: hub("log", "--format=%s", "main"),
    branches: hub("for-each-ref", "--format=%(refname)", "refs/heads"),
    local: box.git(home, "for-each-ref", "--format=%(refname)", "refs/heads").split("\n"),
    worktrees: box
      .git(home, "worktree", "list", "--porcelain")
      .split("\n")
      .filter((l) => l.startsWith("worktree ")),
    clones: existsSync(join(home, ".sessions", world.id)),
    checkout: box.git(home, "status", "--porcelain"),
    shown: box.git(join(home, "_AGENTS/sessions"), "status", "--porcelain"),
    workspace: workspaceState(world),
    tickets: world.ticket === undefined ? [] : ticketState(world),
  };
}

function workspaceState(world: World): unknown {
  const dir = [".worktrees", ".sessions"]
    .map((folder) => join(world.home, folder, world.ticket ?? world.id))
    .find((d) => existsSync(d));
  if (dir === undefined) return null;
  return {
    files: world.box.git(dir, "ls-tree", "-r", "--name-only", "HEAD").split("\n"),
    status: world.box.git(dir, "status", "--porcelain"),
    branch: world.box.git(dir, "branch", "--show-current"),
    log: world.box
      .git(dir, "log", "--format=%s")
      .split("\n")
      .toSorted((a, b) => a.localeCompare(b)),
  };
}

/** The documents of tickets on the hub's base branch and on branches of their own, with every time made one. */
function ticketState({ box }: World): readonly string[] {
  const branches = box
    .git(box.hub, "for-each-ref", "--format=%(refname)", "refs/heads/phase")
    .split("\n")
    .filter(Boolean);
  return ["main", ...branches].flatMap((branch) =>
    box
      .git(box.hub, "ls-tree", "-r", "--name-only", branch, "tickets/")
      .split("\n")
      .filter(Boolean)
      .map((path) => `${branch} ${path} ${box.git(box.hub, "show", `${branch}:${path}`)}`)
      .map((text) => text.replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "TIME")),
  );
}
