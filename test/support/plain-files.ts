import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CENTRAL, CENTRAL_FILE } from "./contexts.ts";
import { OLD } from "./old-session.ts";
import type { Deed, PlainScenario, Stage } from "./plain-scenario.ts";

type Make = PlainScenario["make"];

const simply =
  (verb: string, input: Deed["input"] = {}): Make =>
  () =>
    Promise.resolve({ verb, input });

/** A committed context, in which one more thing was written that is not. */
function withContext({ box, home }: Stage, deed: Deed): Promise<Deed> {
  box.write(home, { [CENTRAL_FILE]: CENTRAL });
  box.git(home, "add", "--all");
  box.git(home, "commit", "-q", "-m", "A context");
  return Promise.resolve(deed);
}

const onContext =
  (verb: string, input: Deed["input"]): Make =>
  (stage) =>
    withContext(stage, { verb, input });

/** A ticket's workspace. */
async function withTicket({ worker, home }: Stage, deed: Deed): Promise<Deed> {
  await worker.ticketOpen({ phase: "training", issue: "142", title: "Train" });
  return { ...deed, dir: join(home, ".worktrees/training_142") };
}

const onTicket =
  (verb: string, input: Deed["input"]): Make =>
  (stage) =>
    withTicket(stage, { verb, input });

/** The session state as others left it, and what was recorded in it. */
async function withState({ worker }: Stage, deed: Deed): Promise<Deed> {
  await worker.setSession({ mode: "coding", task: "Build it" });
  await worker.setSession({ feature: "Login" });
  await worker.agentInvoked({ agent: "qa", prompt: "Test it" });
  return deed;
}

const onState =
  (verb: string, input: Deed["input"] = {}): Make =>
  (stage) =>
    withState(stage, { verb, input });

const HISTORIC = {
  sessionId: "a",
  currentMode: "coding",
  activeTask: "Build it",
  modeHistory: [],
  version: 4,
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
};

async function withHistoric({ worker }: Stage, deed: Deed): Promise<Deed> {
  await worker.noteWrite({ path: "sessions/session-a", text: JSON.stringify(HISTORIC) });
  await worker.noteWrite({ path: "sessions/session-b", text: JSON.stringify({ ...HISTORIC, sessionId: "b" }) });
  return deed;
}

async function withNote({ worker }: Stage, deed: Deed): Promise<Deed> {
  await worker.noteWrite({ path: "plans/login", text: "First.\n" });
  await worker.noteWrite({ path: "plans/login", text: "Second.\n" });
  return deed;
}

const INVOCATION = {
  agent: "qa",
  startedAt: "2026-01-01T00:00:00.000Z",
  completedAt: null,
  status: "in_progress",
  input: { prompt: "Test it", context: {}, artifacts: [] },
  output: null,
  handoffFrom: null,
  handoffTo: null,
  handoffReason: null,
};

const CALLER = 'import { getSession } from "./session";\nexport const s = getSession("a");\n';

/** Each verb that writes files, or notes, and moves no branch. */
export const FILE_SCENARIOS: Readonly<Record<string, PlainScenario>> = {
  init: {
    make: async ({ worker }) => {
      await worker.uninit({});
      return { verb: "init", input: {} };
    },
  },
  uninit: { make: simply("uninit") },
  "set agent clients up": { make: simply("setUpAgents", { agents: ["claude", "opencode"] }) },
  config: { make: simply("config", { key: "live.lock", value: "600" }) },
  "install hooks": { make: simply("installHooks") },
  "remove hooks": {
    make: async ({ worker }) => {
      await worker.installHooks({});
      return { verb: "uninstallHooks", input: {} };
    },
  },
  "mend with doctor": {
    make: ({ box, home }) => {
      box.write(home, { ".gitignore": "" });
      return Promise.resolve({ verb: "doctor", input: { fix: true } });
    },
  },
  "begin a context": { adds: true, make: simply("contextInit", { title: "Login" }) },
  "change a context": { make: onContext("contextSet", { key: "decisions", add: ["Tokens"] }) },
  "repair a context": {
    make: async (stage) => {
      await withContext(stage, { verb: "", input: {} });
      const file = join(stage.home, CENTRAL_FILE);
      writeFileSync(file, readFileSync(file, "utf8").slice(0, 100));
      return { verb: "contextRepair", input: {} };
    },
  },
  "archive a context": { make: onContext("contextArchive", { keep: 0 }) },
  "add a todo": { adds: true, make: onContext("todoAdd", { content: "Write tests" }) },
  "mirror an agent's todos": {
    make: onContext("todoMirror", { source: "s", items: [{ id: "1", content: "Write tests", status: "pending" }] }),
  },
  "change a todo": {
    make: async (stage) => {
      await withContext(stage, { verb: "", input: {} });
      const { todo } = await stage.worker.todoAdd({ content: "Write tests" });
      return { verb: "todoSet", input: { id: todo.id, status: "done" } };
    },
  },
  "change a ticket": { make: onTicket("ticketSet", { key: "labels", add: ["urgent"] }) },
  "tick a checklist": { make: onTicket("ticketTick", { items: ["1", "2"] }) },
  "write a note": {
    make: (stage) => withNote(stage, { verb: "noteWrite", input: { path: "plans/login", text: "Third.\n" } }),
  },
  "write a note after half of a version": {
    adds: true,
    make: async (stage) => {
      await withNote(stage, { verb: "", input: {} });
      const folder = join(stage.home, ".git/berth/brain/main");
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
        if (/journal|versions/.test(name) && statSync(join(folder, name)).isFile())
          appendFileSync(join(folder, name), '{"half of a li');
      return { verb: "noteWrite", input: { path: "plans/login", text: "Third.\n" } };
    },
  },
  "first note of a work tree": {
    make: ({ box, home }) => {
      const dir = join(home, "beside");
      box.git(home, "worktree", "add", "--quiet", "--detach", dir);
      return Promise.resolve({ verb: "noteWrite", input: { path: "plans/login", text: "First.\n" }, dir });
    },
  },
  "delete a note": { make: (stage) => withNote(stage, { verb: "noteDelete", input: { path: "plans/login" } }) },
  "begin a state": { make: simply("initSession") },
  "read the first state": { make: simply("getSession") },
  "change the state": { adds: true, make: onState("setSession", { task: "Another" }) },
  "change the state with its warnings": { adds: true, make: onState("changeSession", { task: "Another" }) },
  "end the state": { make: onState("cleanupSession") },
  "restore the state": { adds: true, make: onState("stateRestore", { version: 1 }) },
  "make one state of many": { stages: true, make: (stage) => withHistoric(stage, { verb: "brainMigrate", input: {} }) },
  "first state of many": {
    adds: true,
    stages: true,
    make: (stage) => withHistoric(stage, { verb: "setSession", input: { task: "Another" } }),
  },
  "record an agent": { make: simply("saveAgentContext", ["qa", INVOCATION]) },
  "call an agent": { adds: true, make: onState("agentInvoked", { agent: "dev", prompt: "Build it" }) },
  "end an agent": { adds: true, make: onState("agentCompleted", { agent: "qa", summary: "It works" }) },
  "record a decision": {
    adds: true,
    make: onState("decisionMade", { type: "technical", description: "Tokens", rationale: "Simple", decidedBy: "qa" }),
  },
  "record a verdict": {
    adds: true,
    make: onState("verdictGiven", { agent: "qa", decision: "approve", confidence: 0.9, reasoning: "It works" }),
  },
  "record a handoff": {
    adds: true,
    make: onState("handoffMade", { fromAgent: "qa", toAgent: "dev", reason: "Bugs", context: "see the list" }),
  },
  "go to a phase": { adds: true, make: onState("workflowPhase", { phase: "implementation" }) },
  "rewrite callers": {
    make: ({ box, home }) => {
      box.write(home, { "app/session/index.ts": OLD, "app/a.ts": CALLER, "app/b.ts": CALLER });
      return Promise.resolve({ verb: "brainCodemod", input: { dir: "app", write: true } });
    },
  },
};
