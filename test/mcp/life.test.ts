import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { startAgent } from "../support/mcp.ts";
import { planned, program } from "../support/sandbox.ts";
import { claimed, team } from "../support/session.ts";

async function names(berth: Berth): Promise<string[]> {
  return (await berth.agents({})).agents.map(({ id }) => id);
}

test("[XCS-01] [XCS-02] an agent is there from the start of its server, and leaves when the client closes the input", async () => {
  const { home, berth } = await team({ remote: false });
  const heard: string[] = [];
  const changes = await berth.watch({});
  const listening = (async () => {
    for await (const { kind } of changes) heard.push(kind);
  })();
  const otter = await startAgent(home, "otter");
  await expect.poll(() => names(berth)).toEqual(["otter"]);
  const alive = { state: "live", standing: true, place: home };
  await expect.poll(async () => (await berth.agents({})).agents).toMatchObject([alive]);
  await otter.call("lock", { paths: ["src/a.txt"] });
  await otter.close();
  await expect.poll(() => names(berth)).toEqual([]);
  expect((await berth.status({})).locks).toEqual([]);
  // It said so itself: nobody had to find it dead.
  await expect.poll(() => heard).toContain("agent.left");
  expect(heard).not.toContain("agent.died");
  berth.close();
  await listening;
});

test("[XCS-03] an agent whose server was killed is dead to the others at once, and its locks are free", async () => {
  const { home, berth } = await team({ remote: false });
  const otter = await startAgent(home, "otter");
  await otter.call("lock", { paths: ["src/a.txt"] });
  const [agent] = (await berth.agents({})).agents;
  // The process that is registered, which a launcher may have started.
  process.kill(agent?.process.pid ?? otter.pid, "SIGKILL");
  const heron = await startAgent(home, "heron");
  await expect
    .poll(async () => (await heron.call("lock", { paths: ["src/a.txt"] })).data)
    .toMatchObject({ locks: [{ agent: "heron" }] });
  expect(await names(berth)).toEqual(["heron"]);
});

test("[XCS-01] two that go by one name are two agents, and one that has no name is given one", async () => {
  const { home, berth } = await team({ remote: false });
  await planned(berth, "Limit logins");
  const first = await startAgent(home, "otter");
  await first.call("lock", { paths: ["src/a.txt"] });
  const second = await startAgent(home, "otter");
  expect((await second.call("status")).data["agent"]).toBe("otter-2");
  expect((await second.call("lock", { paths: ["src/a.txt"] })).data["error"]).toMatchObject({ code: "LOCK_HELD" });
  const third = await startAgent(home, null);
  expect((await third.call("status")).data["agent"]).toMatch(/^test-client-[0-9a-f]{6}$/);
  expect((await third.call("claim")).text).toMatch(/^Warning: The name test-client-.* berth mcp --agent NAME$/m);
  const fourth = await startAgent(home, null);
  const turn = { session_id: "019a2b3c-4d5e-7f80-9abc-def012345678" };
  const codex = await fourth.client.callTool({
    name: "status",
    arguments: {},
    _meta: { "x-codex-turn-metadata": turn },
  });
  expect(codex.structuredContent).toMatchObject({ agent: "codex-12345678" });
  expect(await names(berth)).toHaveLength(4);
});

test("[XCS-01] a client that a hook has registered stays so, whatever becomes of the server", async () => {
  const { box, home, berth } = await team({ remote: false });
  // The test's process is what starts the server, as a client does.
  const hook = await box.open(home, "otter");
  await hook.register({ id: "otter", role: "backend", pid: process.pid });
  const otter = await startAgent(home, "otter");
  expect((await otter.call("status")).data["agent"]).toBe("otter");
  await otter.close();
  await expect.poll(async () => (await berth.agents({})).agents).toMatchObject([{ standing: false }]);
  expect((await berth.agents({})).agents).toMatchObject([{ id: "otter", role: "backend", state: "live" }]);
  await berth.leave({ id: "otter" });
});

test("[XCS-01] an agent that was signed off by somebody is there again with its next call", async () => {
  const { home, berth } = await team({ remote: false });
  const otter = await startAgent(home, "otter");
  await otter.call("status");
  await berth.leave({ id: "otter" });
  await otter.call("lock", { paths: ["src/a.txt"] });
  await expect.poll(() => names(berth)).toEqual(["otter"]);
});

test("[ASP-08] in a workspace the server is that of its session, and works for its holder", async () => {
  const { box, home, berth } = await team();
  const id = await planned(berth, "Limit logins");
  const dir = await claimed(await box.open(home, "otter"), id);
  const { call } = await startAgent(dir, null);
  expect((await call("status")).data).toMatchObject({ agent: "otter", session: id });
  expect((await call("progress", { kind: "log", text: "Begun" })).data).toMatchObject({ entry: { session: id } });
  const held = await call("lock", { paths: ["src/a.txt"] });
  expect(held.data).toMatchObject({ locks: [{ path: "src/a.txt" }] });
  // The folder it stands in goes with the session, and it goes on.
  const done = await call("finish", { how: "complete", tick: ["all"] });
  expect(done.data).toMatchObject({ session: { state: "completed" }, workspaceRemoved: true });
  expect((await call("status")).data).toMatchObject({ agent: "otter", session: null });
  expect((await call("claim")).data["error"]).toMatchObject({ code: "NOTHING_FITS" });
});

test("outside of a repository every call says what to do, and the server goes on", async () => {
  const { box } = await team({ remote: false });
  const { call } = await startAgent(box.dir, "otter");
  for (const name of ["status", "claim"])
    expect((await call(name)).data["error"]).toMatchObject({ code: "NOT_A_REPOSITORY" });
});

test("a signal ends the server as the end of its input does", async () => {
  const { home, berth } = await team({ remote: false });
  const [command = "", ...args] = program;
  const child = spawn(command, [...args, "mcp", "--agent", "otter"], {
    cwd: home,
    stdio: ["pipe", "ignore", "ignore"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await expect.poll(() => names(berth)).toEqual(["otter"]);
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  expect(await ended).toEqual([130, null]);
  expect(await names(berth)).toEqual([]);
});
