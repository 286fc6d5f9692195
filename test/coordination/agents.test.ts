import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { Berth } from "../../src/open.ts";
import { refusal, team, working } from "../support/session.ts";

/** A process that stands for an agent's client. */
function client(): { readonly pid: number; end(): Promise<void> } {
  const child = spawn("sleep", ["300"], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return {
    pid: child.pid ?? 0,
    end: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

async function stateOf(berth: Berth, id: string): Promise<string | undefined> {
  return (await berth.agents({})).agents.find((agent) => agent.id === id)?.state;
}

test("[XCS-01] an agent registers with role and capabilities, beats, and leaves", async () => {
  const { berth } = await team({ remote: false });
  const { agent } = await berth.register({ id: "ada", role: "backend", capabilities: ["sql"] });
  expect(agent).toMatchObject({ id: "ada", role: "backend", capabilities: ["sql"], session: null });
  expect((await berth.beat({ id: "ada", task: "reading" })).agent.task).toBe("reading");
  expect(await stateOf(berth, "ada")).toBe("live");
  await berth.leave({ id: "ada" });
  expect((await berth.agents({})).agents).toEqual([]);
  await refusal(berth.beat({ id: "ada" }), "NOT_FOUND");
});

test("[XCS-01] a name that a living agent has is refused, the same agent may say again what has changed", async () => {
  const { box, home, berth } = await team({ remote: false });
  const { pid } = client();
  await berth.register({ id: "ada", role: "backend", pid });
  const taken = await refusal(berth.register({ id: "ada", pid: process.pid }), "ALREADY_REGISTERED");
  expect(taken.message).toContain(home);
  expect(await berth.register({ id: "ada", role: "testing", pid })).toMatchObject({ agent: { role: "testing" } });
  for (const bad of ["", " x", "all", "a\nb", "\u202Ex", "x".repeat(81)])
    await refusal((await box.open(home)).register({ id: bad }), "INVALID");
});

test("[XCS-01] without a process on either side it is the same agent in its folder, unless it says something else", async () => {
  const { box, home, berth } = await team({ remote: false });
  await berth.register({ id: "ada" });
  await berth.register({ id: "ada", role: "backend", client: "one", pid: client().pid });
  expect((await berth.register({ id: "ada", role: "backend" })).agent.process.pid).not.toBeNull();
  const other = await refusal(berth.register({ id: "ada", role: "frontend" }), "ALREADY_REGISTERED");
  expect(other.hint).toContain("--agent ada");
  await refusal(berth.register({ id: "ada", client: "another" }), "ALREADY_REGISTERED");
  await refusal(berth.register({ id: "ada", isNew: true }), "ALREADY_REGISTERED");
  const own = await box.open(home, "ada");
  expect((await own.register({ id: "ada", role: "frontend" })).agent.role).toBe("frontend");
  const { dir } = await working(own, "Elsewhere");
  await refusal(berth.register({ id: "ada" }), "ALREADY_REGISTERED");
  expect((await (await box.open(dir, "ada")).register({ id: "ada", role: "testing" })).agent.place).toBe(dir);
});

test("[XCS-01] of agents that race for names each gets its own or is told who has it", async () => {
  const { box, home } = await team({ remote: false });
  const clients = [client(), client(), client(), client()];
  const answers = await Promise.all(
    clients.flatMap(({ pid }) =>
      ["one", "two"].map(async (id) =>
        (await box.open(home, id)).register({ id, pid }).then(
          ({ agent }) => agent.process.pid,
          (error: { code: string }) => error.code,
        ),
      ),
    ),
  );
  expect(answers.filter((answer) => typeof answer === "number")).toHaveLength(2);
  expect(answers.filter((answer) => answer === "ALREADY_REGISTERED")).toHaveLength(6);
});

test("[XCS-03] an agent whose process was killed is dead at once, and its name is free", async () => {
  const { berth } = await team({ remote: false });
  const one = client();
  await berth.register({ id: "ada", pid: one.pid });
  await berth.lock({ paths: ["src/a.txt"], agent: "ada" });
  expect(await stateOf(berth, "ada")).toBe("live");
  await one.end();
  expect(await stateOf(berth, "ada")).toBeUndefined();
  expect(await berth.lock({ paths: ["src/a.txt"] })).toMatchObject({ locks: [{ path: "src/a.txt" }] });
  expect(await berth.register({ id: "ada", pid: client().pid })).toMatchObject({ agent: { id: "ada" } });
});

test("[XCS-03] an agent that calls while the process that it named is gone is not dead, whatever it calls", async () => {
  const { box, home, berth } = await team({ remote: false });
  const calls: readonly ((ada: Berth) => Promise<unknown>)[] = [
    (ada) => ada.beat({ id: "ada" }),
    (ada) => ada.lock({ paths: ["src/b.txt"] }),
    (ada) => ada.takeTask({}),
    (ada) => ada.agents({}),
    (ada) => ada.inbox({}),
    (ada) => ada.tell({ to: "ada", text: "note" }),
    (ada) => ada.sharedSet({ path: "x", value: 1 }),
  ];
  await berth.addTask({ title: "one" });
  const ada = await box.open(home, "ada");
  for (const call of calls) {
    const shell = client();
    await ada.register({ id: "ada", pid: shell.pid });
    await ada.lock({ paths: ["src/a.txt"] });
    await shell.end();
    await call(ada);
    await refusal(berth.lock({ paths: ["src/a.txt"] }), "LOCK_HELD");
    expect(await stateOf(berth, "ada")).toBe("live");
  }
  const shell = client();
  await ada.register({ id: "ada", pid: shell.pid });
  const stay = await ada.stay({ id: "ada", everyMs: 5 });
  await shell.end();
  // What repeats itself may have outlived the agent.
  await expect.poll(() => stateOf(berth, "ada")).toBeUndefined();
  await refusal(stay.ended, "NOT_FOUND");
});

test("[XCS-02] an agent's connection ends with the handle that keeps it, and the agent goes on", async () => {
  const { box, home, berth } = await team({ remote: false });
  const ada = await box.open(home, "ada");
  await ada.register({ id: "ada" });
  const { ended } = await ada.stay({ id: "ada" });
  const stands = async (): Promise<unknown> => (await berth.agents({})).agents.map(({ standing }) => standing);
  expect(await stands()).toEqual([true]);
  ada.close();
  await ended;
  await expect.poll(stands).toEqual([false]);
  expect(await (await berth.project.store.open()).stands("ada")).toBe(false);
  expect(await stateOf(berth, "ada")).toBe("live");
});

test("[XCS-03] [XCS-05] whoever is taken for dead, or made to leave, finds in its inbox what it lost", async () => {
  const { box, home, berth } = await team({ remote: false });
  const [one, ada] = [client(), await box.open(home, "ada")];
  await ada.register({ id: "ada", pid: one.pid });
  await ada.lock({ paths: ["src/a.txt"] });
  await one.end();
  await berth.lock({ paths: ["src/a.txt"] });
  expect((await ada.inbox({})).messages).toMatchObject([
    { kind: "lock.lost", data: { path: "src/a.txt" } },
    { kind: "agent.died", from: null },
  ]);
  await ada.register({ id: "ada" });
  await ada.lock({ paths: ["src/b.txt"] });
  await berth.leave({ id: "ada" });
  const told = (await ada.inbox({})).messages;
  expect(told).toMatchObject([
    { kind: "lock.lost", from: "agent one" },
    { kind: "agent.left", from: "agent one" },
  ]);
  await ada.register({ id: "ada" });
  await ada.lock({ paths: ["src/b.txt"] });
  await ada.leave({ id: "ada" });
  expect((await ada.inbox({})).messages).toEqual([]);
});

test("[XCS-01] [XCS-03] whoever takes a dead agent's name over within the same second is not taken for dead", async () => {
  const { box, home, berth } = await team({ remote: false });
  const [one, two] = [client(), client()];
  await berth.register({ id: "ada", pid: one.pid });
  await one.end();
  // Two have seen that it is dead; before they act, a third one has its name.
  const late = await Promise.all(["looker", "rival"].map((name) => box.open(home, name)));
  const gate = Promise.withResolvers<void>();
  const judged = late.map(async (each) => {
    const store = await each.project.store.open();
    const write = store.write.bind(store);
    return new Promise<void>((resolve) => {
      vi.spyOn(store, "write").mockImplementation(async (work) => {
        resolve();
        await gate.promise;
        return write(work);
      });
    });
  });
  const looking = late[0]?.agents({});
  const rival = late[1]?.register({ id: "ada", pid: process.pid });
  await Promise.all(judged);
  await berth.register({ id: "ada", pid: two.pid });
  gate.resolve();
  await refusal(rival ?? Promise.resolve(), "ALREADY_REGISTERED");
  expect((await looking)?.agents).toMatchObject([{ id: "ada", process: { pid: two.pid } }]);
});

test("[XCS-03] silence alone is never death: a running process is suspect, one that cannot be looked at is unknown", async () => {
  const { box, home } = await team({ remote: false });
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead, sleep: async () => undefined, random: () => 0.5 };
  const berth = await box.open(home, "looker", { clock });
  await berth.register({ id: "busy", pid: client().pid });
  await berth.register({ id: "remote" });
  ahead = 119_000;
  expect([await stateOf(berth, "busy"), await stateOf(berth, "remote")]).toEqual(["live", "live"]);
  ahead = 3_600_000;
  expect([await stateOf(berth, "busy"), await stateOf(berth, "remote")]).toEqual(["suspect", "unknown"]);
  await berth.beat({ id: "busy" });
  expect(await stateOf(berth, "busy")).toBe("live");
});

test("[XCS-03] who works on in a dead agent's workspace keeps it from being reclaimed", async () => {
  const { box, home, berth } = await team({ remote: false });
  const { id, dir } = await working(berth, "Still moving");
  const one = client();
  const inside = await box.open(dir, "ada");
  await inside.register({ id: "ada", session: id, pid: one.pid });
  const child = spawn("sleep", ["300"], { cwd: dir, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await one.end();
  const seen = (await (await box.open(home)).agents({})).agents.find((agent) => agent.id === "ada");
  expect(seen).toMatchObject({ state: "suspect" });
  expect(seen?.evidence.join(" ")).toContain("a process stands in its workspace");
});

test("a rehearsal answers as the verb would and keeps nothing", async () => {
  const { home, berth } = await team({ remote: false });
  expect(await berth.rehearsal().register({ id: "ada" })).toMatchObject({ agent: { id: "ada" } });
  expect((await berth.agents({})).agents).toEqual([]);
  expect(existsSync(join(home, ".git/berth/beats/ada"))).toBe(false);
});

test("[XCS-02] [XCS-03] any verb of a registered agent is a sign of life, and a verb that runs long gives more", async () => {
  let now = Date.now();
  const clock = { ...systemClock, now: () => now };
  const { box, home, berth } = await team({ remote: false, settings: { live: { beat: 1 } } });
  const observer = await box.open(home, "observer", { clock });
  await (await box.open(home, "ada", { clock })).register({ id: "ada" });
  const silent = async (): Promise<number> =>
    (await observer.agents({})).agents.find(({ id }) => id === "ada")?.silentMs ?? -1;
  now += 60_000;
  expect(await silent()).toBe(60_000);
  const called = await box.open(home, "ada", { clock, beats: true });
  await expect.poll(silent).toBe(0);
  // The handle stays open, as while a long verb runs.
  now += 60_000;
  await expect.poll(silent, { timeout: 5000 }).toBe(0);
  called.close();
  await berth.leave({ id: "ada" });
  now += 60_000;
  const stranger = await box.open(home, "ada", { clock, beats: true });
  await expect.poll(() => existsSync(join(home, ".git/berth/beats/ada"))).toBe(false);
  stranger.close();
});
