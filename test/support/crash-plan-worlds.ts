import { join } from "node:path";
import { rmSync } from "node:fs";
import type { Builder, Made } from "./crash-scenario.ts";
import { planned, type Sandbox } from "./sandbox.ts";

const PLAN = { title: "Number the lines", context: "It is needed.", criteria: ["It works"] };
const ID = "2026-01-01-number-the-lines";

function about(id: string, verb: string, input: Made["input"], more: Partial<Made> = {}): Made {
  return { id, agent: "worker", verb, input, commits: [], text: null, ...more };
}

async function beforeDraft(): Promise<Made> {
  return Promise.resolve(about(ID, "draft", { ...PLAN, id: ID }, { adds: true }));
}

/** A draft as it was written, and another text for it. */
async function beforeEdit(box: Sandbox, home: string): Promise<Made> {
  const berth = await box.open(home, "planner");
  await berth.draft({ ...PLAN, id: ID });
  berth.close();
  const text = box.git(box.hub, "show", `berth/ledger:drafting/${ID}/SESSION.md`);
  return about(ID, "edit", { id: ID, text: `${text.replace("It is needed.", "It is needed now.")}\n` });
}

async function beforeReady(box: Sandbox, home: string): Promise<Made> {
  const berth = await box.open(home, "planner");
  await berth.draft({ ...PLAN, id: ID });
  berth.close();
  return about(ID, "ready", { id: ID }, { adds: true });
}

/** A claimed session, and a verb called in its workspace. */
async function inWorkspace(box: Sandbox, home: string, verb: string, input: Made["input"]): Promise<Made> {
  const berth = await box.open(home, "worker");
  const id = await planned(berth, PLAN.title);
  await berth.claim({ id });
  berth.close();
  const dir = join(home, ".worktrees", id);
  box.write(dir, { "src/loose.txt": "loose\n" });
  return about(id, verb, input, { dir, text: "loose\n", adds: true });
}

/** Three checkpoints, of which the newest holds all that the older ones do. */
async function beforePrune(box: Sandbox, home: string): Promise<Made> {
  const made = await inWorkspace(box, home, "checkpointPrune", { keep: 1 });
  const there = await box.open(made.dir ?? home, "worker");
  for (const name of ["one", "two", "three"]) {
    box.write(made.dir ?? home, { [`src/${name}.txt`]: `${name}\n` });
    await there.checkpoint({});
  }
  there.close();
  return { ...made, adds: false };
}

/** A repository from which Berth was taken out: only the hub knows of it. */
async function beforeSecondInit(box: Sandbox, home: string): Promise<Made> {
  rmSync(join(home, "_AGENTS"), { recursive: true, force: true });
  box.git(home, "worktree", "prune");
  return Promise.resolve(about("", "init", {}));
}

/** Verbs that write down what is to be done and what was done: on the ledger, and in a session's own files. */
export const PLAN_SCENARIOS: Readonly<Record<string, Builder>> = {
  draft: beforeDraft,
  "edit a draft": beforeEdit,
  ready: beforeReady,
  log: (box, home) => inWorkspace(box, home, "log", { text: "Half way." }),
  plan: (box, home) => inWorkspace(box, home, "plan", { text: "First the tests." }),
  subsession: (box, home) => inWorkspace(box, home, "subsession", { ...PLAN, title: "Another", id: `${ID}-2` }),
  learn: (box, home) => inWorkspace(box, home, "learn", { text: "Tokens expire." }),
  "checkpoint now and then": (box, home) => inWorkspace(box, home, "checkpointIfChanged", {}),
  "tell the context what is there": (box, home) => inWorkspace(box, home, "contextNow", {}),
  "prune checkpoints": beforePrune,
  "init again": beforeSecondInit,
};
