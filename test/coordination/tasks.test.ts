import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { Berth } from "../../src/open.ts";
import { runBerth, runShell } from "../cli/run-berth.ts";
import { program } from "../support/sandbox.ts";
import { refusal, team } from "../support/session.ts";

async function crew(...roles: readonly string[]): Promise<{ lead: Berth; crew: readonly Berth[] }> {
  const { box, home, berth } = await team({ remote: false });
  const made: Berth[] = [];
  for (const [i, role] of roles.entries()) {
    const one = await box.open(home, `${role} ${i}`);
    await one.register({ id: `${role} ${i}`, role });
    made.push(one);
  }
  // The last one by the clock as well.
  const before = Date.now();
  await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(before);
  await berth.register({ id: "agent one", role: "lead" });
  return { lead: berth, crew: made };
}

test("[XCS-04] tasks are taken by role, priority and age; one of another role is left", async () => {
  const {
    lead,
    crew: [back],
  } = await crew("backend");
  const add = async (title: string, more: object = {}): Promise<string> =>
    (await lead.addTask({ title, ...more })).task.id;
  const later = await add("later", { priority: "future", role: "backend" });
  const any = await add("any");
  const own = await add("own", { role: "backend" });
  await add("theirs", { role: "frontend" });
  const now = await add("now", { priority: "now" });
  const order: string[] = [];
  for (let i = 0; i < 4; i++) order.push((await back?.takeTask({}))?.task.id ?? "");
  expect(order).toEqual([now, own, any, later]);
  await refusal(back?.takeTask({}) ?? Promise.resolve(), "NOTHING_FITS");
});

test("[XCS-04] a task waits for those it depends on", async () => {
  const {
    lead,
    crew: [one],
  } = await crew("backend");
  const first = (await lead.addTask({ title: "first" })).task.id;
  const second = (await lead.addTask({ title: "second", depends: [first], priority: "now" })).task.id;
  expect((await one?.takeTask({}))?.task.id).toBe(first);
  await refusal(one?.takeTask({ id: second }) ?? Promise.resolve(), "NOTHING_FITS");
  await one?.doneTask({ id: first, note: "there" });
  expect((await one?.takeTask({}))?.task.id).toBe(second);
  await refusal(lead.addTask({ title: "third", depends: ["none"] }), "NOT_FOUND");
});

test("[XCS-04] no task is given twice, however many take at once", async () => {
  const { lead, crew: all } = await crew("a", "a", "a", "b", "b", "b");
  for (let i = 0; i < 5; i++) await lead.addTask({ title: `task ${i}` });
  const taken = await Promise.all(
    all.map((one) =>
      one.takeTask({}).then(
        ({ task }) => task.id,
        (error: { code: string }) => error.code,
      ),
    ),
  );
  expect(taken.filter((id) => id === "NOTHING_FITS")).toHaveLength(1);
  expect(new Set(taken).size).toBe(6);
});

test("[XCS-04] a task that failed three times is blocked and its maker told; leaving in peace is no failure", async () => {
  const {
    lead,
    crew: [one, two],
  } = await crew("a", "a");
  const { id } = (await lead.addTask({ title: "hard" })).task;
  await one?.takeTask({});
  await refusal(two?.failTask({ id, reason: "not mine" }) ?? Promise.resolve(), "NOT_HOLDER");
  expect(await one?.failTask({ id, reason: "no idea" })).toMatchObject({ task: { status: "queued", note: "no idea" } });
  for (let times = 0; times < 3; times++) {
    await two?.register({ id: "a 1", role: "a" });
    expect((await two?.takeTask({}))?.task.failures).toHaveLength(1);
    await two?.leave({ id: "a 1" });
  }
  await one?.takeTask({});
  await one?.failTask({ id, reason: "still none" });
  await one?.takeTask({});
  const blocked = await one?.failTask({ id, reason: "never" });
  expect(blocked).toMatchObject({ task: { status: "blocked", agent: null } });
  expect(blocked?.task.failures.map(({ reason }) => reason)).toEqual(["no idea", "still none", "never"]);
  expect((await lead.inbox({})).messages).toMatchObject([{ kind: "task.blocked", from: "a 0" }]);
  expect((await lead.status({})).needsYou.map(({ kind }) => kind)).toContain("task.blocked");
});

test("[XCS-04] load is spread over the live agents of the role, then over any", async () => {
  const { lead } = await crew("back", "back", "front");
  const to: string[] = [];
  for (let i = 0; i < 4; i++) {
    const { id } = (await lead.addTask({ title: `task ${i}`, role: "back" })).task;
    to.push((await lead.assignTask({ id })).task.agent ?? "");
  }
  expect(to).toEqual(["back 0", "back 1", "back 0", "back 1"]);
  const { id } = (await lead.addTask({ title: "odd", role: "design" })).task;
  expect((await lead.assignTask({ id })).task.agent).toBe("front 2");
});

test("[XCS-17] a task is handed over with a note and its context, by who has it alone", async () => {
  const {
    lead,
    crew: [one, two],
  } = await crew("a", "b");
  const { id } = (await lead.addTask({ title: "half", context: { branch: "x" } })).task;
  await one?.takeTask({});
  await refusal(two?.handTask({ id, to: "b" }) ?? Promise.resolve(), "NOT_HOLDER");
  await one?.handTask({ id, to: "b", note: "the API lacks a field", context: { field: "name" } });
  expect((await two?.inbox({}))?.messages).toMatchObject([{ kind: "task.handed", from: "a 0" }]);
  const { tasks } = await lead.tasks({});
  expect(tasks).toMatchObject([
    { agent: "b 1", note: "the API lacks a field", context: { branch: "x", field: "name" } },
  ]);
  await refusal(one?.doneTask({ id }) ?? Promise.resolve(), "NOT_HOLDER");
  expect(await two?.doneTask({ id })).toMatchObject({ task: { status: "done" } });
  expect(await two?.doneTask({ id })).toMatchObject({ task: { status: "done" } });
});

test("[XCS-17] a task is handed to an agent of that name first, or to the live one of the role with the fewest", async () => {
  const {
    lead,
    crew: [one],
  } = await crew("back", "back", "back");
  const child = spawn("sleep", ["300"], { stdio: "ignore" });
  await one?.register({ id: "back 0", pid: child.pid });
  child.kill("SIGKILL");
  await once(child, "exit");
  const add = async (depends: readonly string[] = []): Promise<string> =>
    (await lead.addTask({ title: "x", depends })).task.id;
  const [first, second, third] = [await add(), await add(), await add()];
  await refusal(lead.handTask({ id: first, to: "back 0" }), "NOT_FOUND");
  expect((await lead.handTask({ id: first, to: "back" })).task.agent).toBe("back 1");
  expect((await lead.agents({})).agents.map(({ id, task }) => [id, task])).toContainEqual(["back 1", first]);
  expect((await lead.handTask({ id: second, to: "back" })).task.agent).toBe("back 2");
  await lead.register({ id: "back", role: "front" });
  expect((await lead.handTask({ id: third, to: "back" })).task.agent).toBe("back");
  const after = await add([first]);
  expect((await refusal(lead.handTask({ id: after, to: "back" }), "NOTHING_FITS")).message).toContain(first);
});

test("[XCS-17] what was left at a hand-over stays with the task when its next holder dies", async () => {
  const { lead, crew: all } = await crew("a", "b");
  const [one, two] = all as [Berth, Berth];
  const child = spawn("sleep", ["300"], { stdio: "ignore" });
  await two.register({ id: "b 1", pid: child.pid });
  const { id } = (await lead.addTask({ title: "half" })).task;
  await one.takeTask({});
  await one.handTask({ id, to: "b 1", note: "half done" });
  child.kill("SIGKILL");
  await once(child, "exit");
  await lead.agents({});
  const list = await runBerth(["task", "list"], { cwd: lead.project.cwd });
  expect(list.stdout).toContain("b 1 died; a 0: half done");
  const { task } = await one.takeTask({});
  expect(task).toMatchObject({ note: "b 1 died", handovers: [{ from: "a 0", to: "b 1", note: "half done" }] });
  const shown = await runBerth(["task", "hand", id, "--to", "agent one", "--agent", "a 0"], { cwd: lead.project.cwd });
  expect(shown.stdout).toMatch(/left by a 0 +half done/);
});

test("[XCS-04] a task that nobody can have yet is queued once, and why it waits is said", async () => {
  const { home, berth } = await team({ remote: false });
  const add = (...more: readonly string[]): ReturnType<typeof runBerth> =>
    runBerth(["task", "add", ...more], { cwd: home });
  const alone = await add("first", "--id", "p1", "--assign");
  expect([alone.code, alone.stderr]).toEqual([
    0,
    "warning: Nobody has it yet: No agent is alive to take the task p1.\n",
  ]);
  expect((await berth.tasks({})).tasks).toMatchObject([{ id: "p1", status: "queued" }]);
  await berth.register({ id: "agent one" });
  const after = await add("second", "--id", "p2", "--depends", "p1", "--assign");
  expect([after.code, after.stderr]).toEqual([0, "warning: Nobody has it yet: The task p2 waits for p1.\n"]);
  expect(after.stdout).toMatch(/waits for +p1/);
  expect((await refusal(berth.takeTask({ id: "p2" }), "NOTHING_FITS")).message).toBe("The task p2 waits for p1.");
  await berth.takeTask({ id: "p1" });
  expect((await refusal(berth.takeTask({ id: "p1" }), "NOTHING_FITS")).message).toContain("agent one has it");
  await berth.doneTask({ id: "p1" });
  const taken = await runBerth(["task", "take", "--agent", "agent one"], { cwd: home });
  expect(taken.stdout).toContain("Took p2");
  expect(taken.stdout).not.toContain("waits for");
});

test("[XCS-05] [INV-9] words reach an agent, a role or all, once, in order, with who wrote them", async () => {
  const {
    lead,
    crew: [one, two],
  } = await crew("a", "b");
  await lead.tell({ to: "a 0", text: "to one" });
  await lead.tell({ to: "b", text: "to the role" });
  await one?.tell({ to: "all", text: "to all" });
  expect((await one?.inbox({ peek: true }))?.messages.map(({ text }) => text)).toEqual(["to one"]);
  const both = await Promise.all([one?.inbox({}), one?.inbox({})]);
  expect(both.flatMap((read) => read?.messages ?? [])).toMatchObject([
    { text: "to one", from: "agent one", read: false },
  ]);
  expect((await two?.inbox({}))?.messages.map(({ text, from }) => [text, from])).toEqual([
    ["to the role", "agent one"],
    ["to all", "a 0"],
  ]);
  expect((await two?.inbox({ all: true }))?.messages.map(({ read }) => read)).toEqual([true, true]);
  await refusal(lead.tell({ to: "nobody", text: "x" }), "NOT_FOUND");
  await refusal(lead.tell({ to: "all", text: " " }), "INVALID");
});

test("[XCS-05] what one shows no other reader of the inbox gets meanwhile, and it comes again when he dies", async () => {
  const { box, home } = await team({ remote: false });
  let ahead = 0;
  const berth = await box.open(home, "ada", { clock: { ...systemClock, now: () => Date.now() + ahead } });
  await berth.register({ id: "ada" });
  const said = async (text: string): Promise<unknown> => berth.tell({ to: "ada", text });
  const texts = async (input: object): Promise<string[]> =>
    (await berth.inbox(input)).messages.filter(({ read }) => !read).map(({ text }) => text);
  await said("first");
  const { messages } = await berth.inbox({ claim: true });
  await said("second");
  expect(await texts({ claim: true })).toEqual(["second"]);
  expect(await texts({})).toEqual([]);
  expect(await texts({ peek: true })).toEqual(["first", "second"]);
  await berth.markRead({ ids: messages.map(({ id }) => id) });
  ahead = 11_000;
  expect(await texts({ claim: true })).toEqual(["second"]);
  // A clock that was set back.
  ahead = -3_600_000;
  expect(await texts({ claim: true })).toEqual(["second"]);
});

test("[XCS-05] two calls of inbox at once print a message once", async () => {
  const { home, berth } = await team({ remote: false });
  await berth.register({ id: "ada" });
  for (let i = 0; i < 5; i++) await berth.tell({ to: "ada", text: `word ${i};` });
  const runs = Array.from({ length: 3 }, () => runBerth(["inbox", "--agent", "ada"], { cwd: home }));
  const printed = (await Promise.all(runs)).map(({ stdout }) => stdout).join("");
  for (let i = 0; i < 5; i++) expect(printed.split(`word ${i};`)).toHaveLength(2);
});

test.runIf(process.platform === "linux")("[XCS-05] a message that could not be printed is not read", async () => {
  const { home, berth } = await team({ remote: false });
  await berth.register({ id: "ada" });
  await berth.tell({ to: "ada", text: "first" });
  const inbox = (more: string): ReturnType<typeof runShell> =>
    runShell(`"$@" inbox --agent ada ${more}`, program, { cwd: home });
  for (const broken of [">&-", "> /dev/full", "--json >&-"]) {
    const { code, stderr } = await inbox(broken);
    expect([broken, code]).toEqual([broken, 1]);
    if (!broken.includes("json")) expect(stderr).toContain("berth: Standard output was not written");
  }
  expect((await inbox("")).stdout).toContain("first");
  expect((await inbox("")).stdout).toBe("Nothing new.\n");
  await berth.tell({ to: "ada", text: "second" });
  expect((await inbox("> /dev/null")).code).toBe(0);
  expect((await inbox("")).stdout).toBe("Nothing new.\n");
});
