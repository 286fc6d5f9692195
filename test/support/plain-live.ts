import type { Berth } from "../../src/open.ts";
import type { Deed, PlainScenario, Stage } from "./plain-scenario.ts";

/** Both agents are there. */
async function registered({ worker, other }: Stage): Promise<void> {
  await other.register({ id: "other", role: "reviewer" });
  await worker.register({ id: "worker", role: "builder" });
}

/** A task that the caller has taken. */
async function withTask(stage: Stage, deed: Deed): Promise<Deed> {
  await registered(stage);
  await stage.other.addTask({ id: "t1", title: "Build it", role: "builder" });
  await stage.worker.takeTask({ id: "t1" });
  return deed;
}

/** Four versions of the shared context. */
async function withHistory({ worker, other }: Stage, deed: Deed): Promise<Deed> {
  await worker.sharedSet({ path: "a", value: 1 });
  await other.sharedSet({ path: "b.c", value: [{ id: "x", n: 1 }] });
  await worker.sharedSet({ path: "a", value: 2 });
  await other.sharedSet({ path: "b.d", value: "text" });
  return deed;
}

/** Two values of one key, of which one must be chosen. */
async function withConflict(stage: Stage, deed: Deed): Promise<Deed> {
  const { version: base } = await stage.worker.sharedSet({ path: "v", value: 1 });
  await stage.worker.sharedSet({ path: "v", value: 2, base });
  await stage.other.sharedSet({ path: "v", value: 3, base });
  return deed;
}

/** Two sessions that changed one line each their own way. */
async function withTwoSessions({ box, worker, other }: Stage, deed: Deed): Promise<Deed> {
  for (const [berth, title] of [
    [worker, "Alpha"],
    [other, "Beta"],
  ] as const) {
    const drafted = await berth.draft({ title, context: "It is needed.", criteria: ["It works"] });
    const id = "session" in drafted ? drafted.session.id : "";
    await berth.ready({ id });
    const claimed = await berth.claim({ id });
    const dir = "workspace" in claimed ? (claimed.workspace?.path ?? "") : "";
    box.write(dir, { "src/a.txt": `${title}\n` });
  }
  return deed;
}

const saved = "line 1 of the worker\n";

async function told(stage: Stage, deed: Deed): Promise<Deed> {
  await registered(stage);
  await stage.other.tell({ to: "worker", text: "Look at src/a.txt" });
  return deed;
}

async function locked({ worker }: { readonly worker: Berth }, deed: Deed): Promise<Deed> {
  await worker.lock({ paths: ["src/a.txt", "docs/**"] });
  return deed;
}

/** Each verb that writes to the live layer. */
export const LIVE_SCENARIOS: Readonly<Record<string, PlainScenario>> = {
  register: { make: () => Promise.resolve({ verb: "register", input: { id: "worker", role: "builder" } }) },
  beat: { make: async (stage) => (await registered(stage), { verb: "beat", input: { id: "worker", task: "t" } }) },
  stay: { make: async (stage) => (await registered(stage), { verb: "stay", input: { id: "worker" } }) },
  leave: {
    adds: true,
    make: async (stage) => locked(stage, (await registered(stage), { verb: "leave", input: { id: "worker" } })),
  },
  lock: { adds: true, make: () => Promise.resolve({ verb: "lock", input: { paths: ["src/a.txt", "docs/**"] } }) },
  hold: { adds: true, make: () => Promise.resolve({ verb: "hold", input: { paths: ["src/a.txt"] } }) },
  "look before a command": {
    make: ({ box, home }) => {
      box.write(home, { "made.txt": "by a command\n" });
      return Promise.resolve({ verb: "markEdited", input: {} });
    },
  },
  "lock what a command wrote": {
    adds: true,
    make: async ({ worker, box, home }) => {
      await worker.markEdited({});
      box.write(home, { "made.txt": "by a command\n" });
      return { verb: "lockEdited", input: {} };
    },
  },
  unlock: { make: (stage) => locked(stage, { verb: "unlock", input: { all: true } }) },
  save: {
    adds: true,
    make: async ({ worker }) => {
      const { hash } = await worker.fileHash({ path: "src/a.txt" });
      return { verb: "saveFile", input: { path: "src/a.txt", base: hash, text: saved } };
    },
  },
  "add a task": {
    adds: true,
    make: () => Promise.resolve({ verb: "addTask", input: { id: "t1", title: "Build it" } }),
  },
  "take a task": {
    adds: true,
    make: async (stage) => {
      await registered(stage);
      await stage.other.addTask({ id: "t1", title: "Build it", role: "builder" });
      return { verb: "takeTask", input: {} };
    },
  },
  "assign a task": {
    adds: true,
    make: async (stage) => {
      await registered(stage);
      await stage.other.addTask({ id: "t1", title: "Build it" });
      return { verb: "assignTask", input: { id: "t1" } };
    },
  },
  "end a task": { make: (stage) => withTask(stage, { verb: "doneTask", input: { id: "t1", note: "It works." } }) },
  "fail a task": {
    adds: true,
    make: (stage) => withTask(stage, { verb: "failTask", input: { id: "t1", reason: "No key." } }),
  },
  "hand a task": {
    adds: true,
    make: (stage) => withTask(stage, { verb: "handTask", input: { id: "t1", to: "other", note: "Go on." } }),
  },
  tell: { adds: true, make: (stage) => told(stage, { verb: "tell", input: { to: "other", text: "Done." } }) },
  inbox: { adds: true, make: (stage) => told(stage, { verb: "inbox", input: {} }) },
  "mark as read": { make: (stage) => told(stage, { verb: "markRead", input: { ids: [1] } }) },
  "shared set": {
    make: (stage) => withHistory(stage, { verb: "sharedSet", input: { path: "a", value: { deep: [1] } } }),
  },
  "shared set that conflicts": {
    adds: true,
    make: (stage) => withConflict(stage, { verb: "sharedSet", input: { path: "v", value: 9, base: 1 } }),
  },
  "shared snapshot": { adds: true, make: (stage) => withHistory(stage, { verb: "sharedSnapshot", input: {} }) },
  "shared rollback": {
    adds: true,
    make: (stage) => withHistory(stage, { verb: "sharedRollback", input: { version: 2 } }),
  },
  "shared prune": { adds: true, make: (stage) => withHistory(stage, { verb: "sharedPrune", input: { keep: 2 } }) },
  "shared resolve": {
    adds: true,
    make: (stage) => withConflict(stage, { verb: "sharedResolve", input: { path: "v", decision: { take: "theirs" } } }),
  },
  "shared import": {
    adds: true,
    make: async (stage) => {
      await withHistory(stage, { verb: "", input: {} });
      const { context } = await stage.worker.sharedExport({});
      await stage.other.sharedSet({ path: "later", value: true });
      return { verb: "sharedImport", input: { text: JSON.stringify(context), whole: true } };
    },
  },
  conflicts: { make: (stage) => withTwoSessions(stage, { verb: "conflicts", input: {} }) },
};
