import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { parseYaml } from "../../src/document/yaml.ts";
import type { World } from "./crash-worlds.ts";
import type { Sandbox } from "./sandbox.ts";

/** What must hold at every moment, whatever was killed when; read with plain git. */
export function checkInvariants(world: World): void {
  const { box, id } = world;
  const git = (...args: string[]): string => box.git(box.hub, ...args);
  git("fsck", "--connectivity-only", "--no-dangling");
  const ledger = git("ls-tree", "-r", "--name-only", "berth/ledger").split("\n");
  const lock = git("show", "berth/ledger:sessions.lock").split("\n");
  const base = git("ls-tree", "-r", "--name-only", "main").split("\n");
  expect(base.filter((path) => path.startsWith(".session/"))).toEqual([]);
  if (world.ticket !== undefined || id === "") return checkKept(world);
  const states = new Set(ledger.filter((path) => path.split("/")[1] === id).map((path) => path.split("/")[0]));
  expect(states.size, `${id} stands in ${[...states].join(", ")}`).toBe(1);
  const [state] = states;
  expect(lock.filter((line) => line.startsWith(`${id}:`))).toHaveLength(state === "active" ? 1 : 0);
  if (state === "completed" && world.commits.length > 0) expect(base).toContain("src/new.txt");
  const record = claimOf(world, state ?? "");
  for (const landing of record.landed) git("merge-base", "--is-ancestor", landing.commit, "main");
  checkBase(world, record);
  checkKept(world);
}

/** A landing that the base branch has and the ledger does not list is announced there (INV-5). */
function checkBase(world: World, record: Claim): void {
  const said = world.box.git(world.box.hub, "log", "--format=%H", "--grep", `^Berth-Session: ${world.id}$`, "main");
  const told = new Set([...record.landed, ...(record.landing ? [record.landing] : [])].map((l) => l.commit));
  expect(said.split("\n").filter((commit) => commit !== "" && !told.has(commit))).toEqual([]);
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
    ticket !== undefined || id === ""
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
