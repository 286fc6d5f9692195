import { spawn } from "node:child_process";
import { renameSync } from "node:fs";
import { PassThrough } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { runProgram } from "../../src/cli/program.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import { runShell } from "../cli/run-berth.ts";
import { program, planned } from "../support/sandbox.ts";
import { refusal, team } from "../support/session.ts";

/** Reads on until an item fits. */
async function until<T>(items: AsyncGenerator<T>, fits: (item: T) => boolean): Promise<T[]> {
  const seen: T[] = [];
  for (;;) {
    const { value, done } = await items.next();
    if (done === true) throw new Error(`it ended after ${JSON.stringify(seen)}`);
    seen.push(value);
    if (fits(value)) return seen;
  }
}

test("[XCS-12] watch tells every change of what status shows: agents, locks, tasks, context, sessions, and who falls silent", async () => {
  const { box, home, berth } = await team();
  const other = await box.open(home, "agent two");
  const changes = await other.watch({});
  // Asked for first: what happens while nobody asks is not missed either.
  const first = changes.next();
  const child = spawn("sleep", ["300"], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await berth.register({ id: "ada", pid: child.pid });
  expect((await first).value).toMatchObject({ kind: "agent.registered", subject: "ada", seq: 1 });
  await berth.lock({ paths: ["src/a.txt"], agent: "ada" });
  await berth.addTask({ title: "Small" });
  await berth.sharedSet({ path: "api.version", value: 2 });
  const seen = await until(changes, ({ kind }) => kind === "context.changed");
  expect(seen.map(({ kind }) => kind)).toEqual(["lock.granted", "task.queued", "context.changed"]);
  const id = await planned(berth, "Watched");
  await berth.claim({ id });
  const sessions = await until(changes, ({ kind }) => kind === "session.active");
  expect(sessions.at(-1)).toMatchObject({ subject: id, agent: "agent one", seq: null });
  await berth.abandon({ id, reason: "no use" });
  expect((await until(changes, ({ kind }) => kind === "session.abandoned")).at(-1)).toMatchObject({ subject: id });
  child.kill("SIGKILL");
  const dying = await until(changes, ({ kind }) => kind === "lock.released");
  expect(dying.map(({ kind }) => kind)).toContain("agent.died");
  await changes.return(undefined);
});

test("[XCS-12] watch tells who says something else of itself, which lock is held for longer, and what was read", async () => {
  const { berth } = await team({ remote: false });
  const register = (role: string): Promise<unknown> => berth.register({ id: "agent one", role });
  await register("backend");
  await berth.lock({ paths: ["src/a.txt"] });
  await berth.tell({ to: "agent one", text: "note" });
  const changes = await berth.watch({});
  await register("backend");
  await register("frontend");
  await berth.beat({ id: "agent one", task: "reading" });
  await berth.beat({ id: "agent one", task: "reading" });
  await berth.lock({ paths: ["src/a.txt"], reason: "longer" });
  await berth.inbox({});
  await berth.inbox({});
  await berth.addTask({ title: "end" });
  const seen = await until(changes, ({ kind }) => kind === "task.queued");
  expect(seen).toMatchObject([
    { kind: "agent.changed", subject: "agent one", data: { role: "frontend" } },
    { kind: "agent.changed", subject: "agent one", data: { task: "reading" } },
    { kind: "lock.renewed", subject: "src/a.txt", data: { reason: "longer" } },
    { kind: "inbox.read", subject: "agent one", data: { count: 1 } },
    { kind: "task.queued" },
  ]);
  await changes.return(undefined);
});

test("[XCS-12] a watch that begins after a change misses none, and ends with its signal", async () => {
  const { berth } = await team({ remote: false });
  for (const n of [1, 2, 3]) await berth.sharedSet({ path: `n${n}`, value: n });
  const end = new AbortController();
  const changes = await berth.watch({ after: 1, signal: end.signal });
  expect((await until(changes, ({ seq }) => seq === 3)).map(({ seq }) => seq)).toEqual([2, 3]);
  end.abort();
  expect(await changes.next()).toMatchObject({ done: true });
});

test("[XCS-12] [XCS-09] shared watch tells what was written below a key, conflicts with both values, and decisions", async () => {
  const { box, home, berth } = await team({ remote: false });
  const other = await box.open(home, "agent two");
  await berth.sharedSet({ path: "tasks.x", value: 1 });
  await berth.sharedSet({ path: "aside", value: 1 });
  const changes = await other.sharedWatch({ path: "tasks", after: 0 });
  expect((await changes.next()).value).toMatchObject({
    kind: "changed",
    version: 1,
    changes: [{ path: "", value: { tasks: { x: 1 } } }],
  });
  await berth.sharedSet({ path: "aside", value: 2 });
  await berth.sharedSet({ path: "tasks.x", value: 2 });
  await other.sharedSet({ path: "tasks.x", value: 3, base: 1 });
  await berth.sharedResolve({ path: "tasks.x", decision: { take: "theirs" } });
  await berth.sharedSet({ path: "tasks", value: undefined });
  const seen = await until(changes, (change) => change.kind === "changed" && change.version === 6);
  expect(seen).toMatchObject([
    { kind: "changed", version: 4, agent: "agent one", changes: [{ path: "tasks.x", value: 2 }] },
    { kind: "conflict", agent: "agent two", conflict: { path: "tasks.x", base: 1, ours: 2, theirs: 3 } },
    { kind: "changed", version: 5, changes: [{ path: "tasks.x", value: 3 }] },
    { kind: "resolved", path: "tasks.x" },
    { kind: "changed", version: 6, changes: [{ path: "tasks" }] },
  ]);
  expect("value" in (seen.at(-1) as { changes: readonly object[] }).changes[0]!).toBe(false);
  await refusal(other.sharedWatch({ after: 99 }), "NOT_FOUND");
  await changes.return(undefined);
});

test("the program prints a JSON line for each change, ends after its time, and is interrupted without a complaint", async () => {
  const { home } = await team({ remote: false });
  const berth = program.map((word) => `'${word}'`).join(" ");
  const script = [
    `${berth} watch --for 60 > lines & watching=$!`,
    `until [ -s lines ]; do ${berth} shared set n $((n += 1)) > out; done`,
    `kill -INT $watching; wait $watching; echo $?; head -1 lines; ${berth} shared watch --for 0.1; echo $?`,
  ];
  const run = await runShell(script.join("\n"), [], { cwd: home });
  expect(run.stderr).toBe("");
  const [interrupted, line, over] = run.stdout.trimEnd().split("\n");
  expect([interrupted, over]).toEqual(["130", "0"]);
  expect(JSON.parse(line ?? "")).toMatchObject({ schemaVersion: 1, kind: "context.changed" });
});

test("on a terminal the status is repainted at a change, cut to its height, and the terminal given back", async () => {
  const { home, berth } = await team({ remote: false });
  const end = new AbortController();
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 60, rows: 8 });
  const terminal: Terminal = {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1", TERM: "xterm" },
    cwd: home,
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    now: () => Date.now(),
  };
  let shown = "";
  const painted = async (text: RegExp): Promise<void> => {
    for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
      shown += String(chunk);
      if (text.test(shown)) return;
    }
  };
  const running = runProgram(["watch"], terminal, end.signal);
  await painted(/berth watch/);
  for (const name of ["a", "b", "c", "d", "e"]) await berth.register({ id: name });
  await painted(/… \d+ more lines/);
  end.abort(new Error("enough"));
  expect(await running).toBe(130);
  shown += String((stdout.read() as Buffer | null) ?? "");
  expect(shown.startsWith("\u001b[?1049h\u001b[?25l")).toBe(true);
  expect(shown.endsWith("\u001b[?25h\u001b[?1049l")).toBe(true);
  for (const frame of shown.split("\u001b[H").slice(1)) expect(frame.split("\n").length).toBeLessThanOrEqual(8);
});

test("[XCS-12] [XCS-03] watch tells who falls silent and is heard again, and with fetch what other machines did", async () => {
  let ahead = 0;
  const clock = {
    now: () => Date.now() + ahead,
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 20), signal),
    random: () => 0.5,
  };
  const { box, berth } = await team();
  const home = box.clone("elsewhere");
  const far = await box.open(home, "agent two", { clock });
  await far.init({});
  await far.register({ id: "ada" });
  const changes = await far.watch({ fetch: true });
  const silent = until(changes, ({ kind }) => kind === "agent.unknown");
  ahead = 121_000;
  expect((await silent).at(-1)).toMatchObject({ subject: "ada", data: { before: "live" } });
  await far.beat({ id: "ada" });
  expect((await until(changes, ({ kind }) => kind === "agent.live")).at(-1)).toMatchObject({ subject: "ada" });
  const id = await planned(berth, "From afar");
  const seen = await until(changes, ({ kind }) => kind === "session.planned");
  expect(seen.at(-1)).toMatchObject({ subject: id, seq: null });
  renameSync(box.hub, `${box.hub}.gone`);
  expect((await until(changes, ({ kind }) => kind === "hub.unreachable")).at(-1)).toMatchObject({ subject: box.hub });
  renameSync(`${box.hub}.gone`, box.hub);
  await changes.return(undefined);
});
