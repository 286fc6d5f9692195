import { appendFileSync, cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Berth } from "../../src/open.ts";
import { PLAN_SCENARIOS } from "./crash-plan-worlds.ts";
import type { Builder, HubKind, Made, World } from "./crash-scenario.ts";
import { LEGACY } from "./legacy.ts";
import { planned, type Sandbox, sandbox } from "./sandbox.ts";

const scenarios: Readonly<Record<string, Builder>> = {
  "claim in a worktree": (box, home) => beforeClaim(box, home, { workspace: "worktree" }),
  "claim in a clone": (box, home) => beforeClaim(box, home, { workspace: "clone" }),
  "claim of the next": (box, home) => beforeClaim(box, home, { next: true }),
  "claim after a release": afterRelease,
  "claim without a workspace": (box, home) => beforeClaim(box, home, { noWorkspace: true }),
  land: (box, home) => withWork(box, home, "land", { verify: "true" }),
  "land from a clone": (box, home) => withWork(box, home, "land", {}, { workspace: "clone" }),
  "land a second time": beforeSecondLanding,
  complete: (box, home) =>
    withWork(box, home, "complete", { verify: "true", commit: true, tick: ["all"], notes: "Done." }, { dirty: true }),
  "complete from a clone": (box, home) => withWork(box, home, "complete", { tick: ["all"] }, { workspace: "clone" }),
  abandon: (box, home) => withWork(box, home, "abandon", { reason: "no longer wanted" }),
  "abandon with loose files": (box, home) =>
    withWork(box, home, "abandon", { reason: "no longer wanted" }, { dirty: true }),
  release: (box, home) => withWork(box, home, "release", { reason: "another day" }),
  "release with loose files": (box, home) => withWork(box, home, "release", { reason: "another day" }, { dirty: true }),
  "release from a clone": (box, home) =>
    withWork(box, home, "release", { reason: "another day" }, { workspace: "clone", dirty: true }),
  sync: beforeSync,
  "take-over": beforeTakeOver,
  "open a ticket": (_box, home) => Promise.resolve(aboutTicket("ticketOpen", home, { ...TICKET, title: "Train" })),
  "open a ticket as a session": (_box, home) =>
    Promise.resolve(aboutTicket("ticketOpen", home, { ...TICKET, title: "Train", session: true })),
  "take a ticket": beforeTake,
  "take a ticket that is a session": beforeTakeOfSession,
  "take a ticket that is a session, on its branch": beforeTakeOnItsBranch,
  "close a ticket": beforeClose,
  "close a ticket that is a session": beforeCloseOfSession,
  "remove a ticket's workspace": beforeRemoval,
  migrate: beforeMigration,
  checkpoint: beforeCheckpoint,
  "checkpoint of a clone": (box, home) => withWork(box, home, "checkpoint", {}, { workspace: "clone", dirty: true }),
  "restore a checkpoint": (box, home) => beforeRestore(box, home, undefined),
  "restore a checkpoint into a new folder": (box, home) => beforeRestore(box, home, join(box.dir, "elsewhere")),
  ...PLAN_SCENARIOS,
};

export const scenarioNames: readonly string[] = Object.keys(scenarios);

/** Builds a world and keeps a copy of it, so that each kill starts from the very same state. */
export async function makeWorld(name: string, hub: HubKind): Promise<World> {
  const box = sandbox({ remote: hub !== "local" });
  if (hub === "single") box.git(box.hub, "config", "receive.advertiseAtomic", "false");
  const home = hub === "local" ? box.hub : box.clone("home");
  const berth = await box.open(home, "planner");
  await berth.init({});
  box.git(home, "add", "--all");
  box.git(home, "commit", "-q", "-m", "Set up Berth");
  if (hub !== "local") box.git(home, "push", "-q", "origin", "main");
  const made = await scenarios[name]?.(box, home);
  if (!made) throw new Error(`no scenario is called ${name}`);
  berth.close();
  const aside = `${box.dir}.aside`;
  onTestFinished(() => rmSync(aside, { recursive: true, force: true, maxRetries: 5 }));
  cpSync(box.dir, aside, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  return {
    box,
    hub,
    home,
    ...made,
    reset: () => {
      // The folder itself stays: processes that stay stand in it.
      for (const name of readdirSync(box.dir))
        rmSync(join(box.dir, name), { recursive: true, force: true, maxRetries: 5 });
      cpSync(aside, box.dir, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    },
  };
}

async function plan(box: Sandbox, home: string): Promise<string> {
  const berth = await box.open(home, "planner");
  const id = await planned(berth, "Number the lines");
  berth.close();
  return id;
}

async function beforeClaim(box: Sandbox, home: string, input: Made["input"]): Promise<Made> {
  const id = await plan(box, home);
  const order = "next" in input ? input : { ...input, id };
  return { id, agent: "worker", verb: "claim", input: order, commits: [], text: null };
}

/** A claimed session with committed work, and perhaps a file that nobody committed. */
async function withWork(
  box: Sandbox,
  home: string,
  verb: string,
  input: Made["input"],
  { workspace = "worktree", dirty = false }: { workspace?: "worktree" | "clone"; dirty?: boolean } = {},
): Promise<Made> {
  const id = await plan(box, home);
  const berth = await box.open(home, "worker");
  const claimed = await berth.claim({ id, workspace });
  berth.close();
  if (!("workspace" in claimed) || !claimed.workspace) throw new Error("no workspace");
  const dir = claimed.workspace.path;
  const commits = [commitWork(box, dir, id, { "src/new.txt": "new\n", "src/a.txt": `line 0\n${"x\n".repeat(5)}` })];
  if (dirty) box.write(dir, { "src/loose.txt": "loose\n" });
  return { id, agent: "worker", verb, input: { ...input, id }, commits, text: dirty ? "loose\n" : null };
}

async function afterRelease(box: Sandbox, home: string): Promise<Made> {
  const made = await withWork(box, home, "claim", {});
  const berth = await box.open(home, "worker");
  await berth.log({ session: made.id, text: "Half way." });
  await berth.release({ id: made.id, reason: "another day" });
  berth.close();
  return { ...made, agent: "second", input: { id: made.id } };
}

async function beforeSecondLanding(box: Sandbox, home: string): Promise<Made> {
  const made = await withWork(box, home, "land", {});
  const berth = await box.open(home, "worker");
  await berth.land({ id: made.id });
  berth.close();
  const dir = join(home, ".worktrees", made.id);
  return { ...made, commits: [...made.commits, commitWork(box, dir, made.id, { "src/new.txt": "newer\n" })] };
}

async function beforeSync(box: Sandbox, home: string): Promise<Made> {
  const made = await withWork(box, home, "sync", {});
  moveBase(box, home, { "src/b.txt": "someone else\n" });
  return made;
}

/** A workspace that was kept as it is before, where one is enough, and others are to have it. */
async function beforeCheckpoint(box: Sandbox, home: string): Promise<Made> {
  const made = await withWork(box, home, "checkpoint", {}, { dirty: true });
  appendFileSync(join(home, ".berth/config.yaml"), "checkpoint:\n  keep: 1\npush:\n  checkpoints: true\n");
  const berth = await box.open(home, "worker");
  await berth.checkpoint({ id: made.id });
  berth.close();
  return made;
}

/** A workspace that was kept, and in which everything is other by now. */
async function beforeRestore(box: Sandbox, home: string, to: string | undefined): Promise<Made> {
  const made = await withWork(box, home, "checkpointRestore", {}, { dirty: true });
  const berth = await box.open(home, "worker");
  const taken = await berth.checkpoint({ id: made.id });
  berth.close();
  if (!("checkpoint" in taken)) throw new Error("no checkpoint");
  const dir = join(home, ".worktrees", made.id);
  box.write(dir, { "src/a.txt": "other\n", "src/more.txt": "more\n" });
  box.git(dir, "add", "src/more.txt");
  rmSync(join(dir, "src/loose.txt"));
  return { ...made, input: { ref: taken.checkpoint.ref, ...(to === undefined ? {} : { to }) } };
}

/** Contexts of every legacy kind, and an edit of something else that must stay. */
async function beforeMigration(box: Sandbox, home: string): Promise<Made> {
  box.write(home, LEGACY);
  box.git(home, "add", "--all");
  box.git(home, "commit", "-q", "-m", "Legacy");
  if (home !== box.hub) box.git(home, "push", "-q", "origin", "main");
  box.write(home, { "src/b.txt": "edited\n" });
  return { id: "", agent: "worker", verb: "migrate", input: { to: "tickets" }, commits: [], text: null };
}

async function beforeTakeOver(box: Sandbox, home: string): Promise<Made> {
  const made = await withWork(box, home, "recover", {}, { dirty: true });
  return { ...made, agent: "heir", input: { id: made.id, takeOver: true, force: true } };
}

type Opened = Exclude<Awaited<ReturnType<Berth["ticketOpen"]>>, { plan: unknown }>;

const TICKET = { phase: "training", issue: "142" };

function aboutTicket(verb: string, dir: string, input: Made["input"], commits: readonly string[] = []): Made {
  return { id: "", ticket: "training_142", dir, agent: "worker", verb, input, commits, text: null };
}

async function beforeTake(box: Sandbox, home: string): Promise<Made> {
  const berth = await box.open(home, "planner");
  await berth.ticketOpen({ ...TICKET, title: "Train", noWorkspace: true });
  berth.close();
  return aboutTicket("ticketTake", home, { ticket: "training_142" });
}

/** A ticket whose gate is open, with committed work, and ticks that nobody committed. */
async function beforeClose(box: Sandbox, home: string): Promise<Made> {
  const berth = await box.open(home, "worker");
  await berth.ticketOpen({ ...TICKET, title: "Train" });
  berth.close();
  const dir = join(home, ".worktrees", "training_142");
  const there = await box.open(dir, "worker");
  await there.contextSet({ key: "decisions", add: ["Tokens"] });
  await there.ticketTick({ items: ["1", "2", "3", "5"] });
  there.close();
  const work = commitWork(box, dir, "training_142", { "src/new.txt": "new\n" });
  return aboutTicket("ticketClose", dir, {}, [work]);
}

/** A ticket that is done, whose workspace is still there. */
async function beforeRemoval(box: Sandbox, home: string): Promise<Made> {
  const { dir = "", commits } = await beforeClose(box, home);
  const there = await box.open(dir, "worker");
  await there.ticketClose({});
  there.close();
  const input = { ticket: "training_142", removeWorkspace: true };
  return aboutTicket("ticketClose", home, input, [...commits, box.git(dir, "rev-parse", "HEAD")]);
}

async function beforeTakeOfSession(box: Sandbox, home: string): Promise<Made> {
  const berth = await box.open(home, "planner");
  const { session } = (await berth.ticketOpen({ ...TICKET, title: "Train", session: true })) as Opened;
  berth.close();
  const input = { ticket: "training_142" };
  return { id: session?.id ?? "", agent: "worker", verb: "ticketTake", input, commits: [], text: null };
}

async function beforeTakeOnItsBranch(box: Sandbox, home: string): Promise<Made> {
  const config = join(home, ".berth/config.yaml");
  appendFileSync(config, "context:\n  branch: phase\n");
  box.git(home, "commit", "-q", "-m", "Branches of tickets", "--", config);
  if (home !== box.hub) box.git(home, "push", "-q", "origin", "main");
  return beforeTakeOfSession(box, home);
}

/** As `beforeClose`, of a ticket that is a session. */
async function beforeCloseOfSession(box: Sandbox, home: string): Promise<Made> {
  const berth = await box.open(home, "worker");
  const { session } = (await berth.ticketOpen({ ...TICKET, title: "Train", session: true })) as Opened;
  const id = session?.id ?? "";
  await berth.claim({ id });
  berth.close();
  const dir = join(home, ".worktrees", id);
  const there = await box.open(dir, "worker");
  await there.contextSet({ key: "decisions", add: ["Tokens"] });
  await there.ticketTick({ items: ["1", "2", "3", "5"] });
  there.close();
  const work = commitWork(box, dir, id, { "src/new.txt": "new\n" });
  return aboutTicket("ticketClose", dir, {}, [work]);
}

/** Commits in a workspace without its hooks, which have tests of their own. */
export function commitWork(box: Sandbox, dir: string, id: string, files: Readonly<Record<string, string>>): string {
  box.write(dir, files);
  box.git(dir, "add", "--", ...Object.keys(files));
  box.git(
    dir,
    "-c",
    "core.hooksPath=/dev/null",
    "commit",
    "-q",
    "-m",
    `[${id}] feat: ${Object.keys(files).join(", ")}`,
  );
  return box.git(dir, "rev-parse", "HEAD");
}

/** Somebody without Berth commits on the base branch. */
function moveBase(box: Sandbox, home: string, files: Readonly<Record<string, string>>): void {
  if (home !== box.hub) box.git(home, "pull", "-q", "--ff-only", "origin", "main");
  box.write(home, files);
  box.git(home, "add", "--", ...Object.keys(files));
  box.git(home, "commit", "-q", "-m", "By hand");
  if (home !== box.hub) box.git(home, "push", "-q", "origin", "main");
}
