import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startAgent } from "../support/mcp.ts";
import { planned } from "../support/sandbox.ts";
import { commit, team } from "../support/session.ts";

test("a call that is cancelled ends, and gives its place in the queue up", async () => {
  const { home, berth } = await team({ remote: false });
  await berth.lock({ paths: ["src/a.txt"] });
  const { client, call } = await startAgent(home, "otter");
  const stop = new AbortController();
  const waiting = call("lock", { paths: ["src/a.txt"], waitSeconds: 600 }, { signal: stop.signal });
  waiting.catch(() => undefined);
  await expect.poll(async () => (await berth.status({})).waiting).toMatchObject([{ agent: "otter" }]);
  stop.abort("no longer wanted");
  await expect(waiting).rejects.toThrow();
  await expect.poll(async () => (await berth.status({})).waiting).toEqual([]);
  // The server itself goes on.
  await berth.unlock({ all: true });
  expect((await call("lock", { paths: ["src/a.txt"] })).isError).toBe(false);
  await client.close();
});

test("[ASP-17] a long call tells its steps, and that it goes on, to who asks for it", async () => {
  const { box, home, berth } = await team();
  box.write(home, { ".berth/config.yaml": "landing: {verify: sleep 2.2}\n" });
  const id = await planned(berth, "Limit logins");
  const { call } = await startAgent(home, "otter", { era: "modern" });
  const { path } = (await call("claim")).data["workspace"] as { readonly path: string };
  box.write(path, { "src/login.txt": "five tries\n" });
  commit(box, path, `[${id}] feat: limit`);
  const told: string[] = [];
  const counts: number[] = [];
  const onprogress = ({
    message = "",
    progress,
  }: {
    readonly message?: string | undefined;
    readonly progress: number;
  }): void => {
    told.push(message);
    counts.push(progress);
  };
  expect((await call("finish", { how: "land" }, { onprogress })).text).toContain("On main as");
  expect(told.some((message) => message.startsWith("verify.started"))).toBe(true);
  expect(told).toContainEqual(expect.stringMatching(/^verify\.started.* \(\d+ s\)$/));
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
});

test("hostile payloads are refused one by one, and change nothing", async () => {
  const { home, berth } = await team({ remote: false });
  const { call } = await startAgent(home, "otter");
  await call("status");
  const before = await berth.status({});
  const file = readFileSync(join(home, "src/a.txt"), "utf8");
  const bad: readonly (readonly [string, object])[] = [
    ["lock", { paths: "src/a.txt" }],
    ["lock", { paths: [7] }],
    ["lock", { paths: ["../outside"] }],
    ["lock", { paths: ["/etc/passwd"] }],
    ["lock", { paths: [".git/config"] }],
    ["lock", { paths: ["a\u0000b"] }],
    ["lock", { paths: Array.from({ length: 501 }, (_, at) => `f${at}`) }],
    ["lock", { paths: ["a"], unheardOf: true }],
    ["save", { path: "../../escape.txt", text: "x", base: null }],
    ["save", { path: join(home, ".git/hooks/pre-commit"), text: "x", base: null }],
    ["save", { path: "src/a.txt", text: "a\u0000b" }],
    ["save", { path: "src/a.txt", text: 5 }],
    ["shared_context", { action: "set", key: "a" }],
    ["shared_context", { action: "burn" }],
    ["notes", { action: "write", path: "../../escape", text: "x" }],
    ["notes", { action: "write", path: "/etc/passwd", text: "x" }],
    ["session", { operation: "set", mode: "god" }],
    ["session", { operation: "set", sessionId: "x", mode: "coding" }],
    ["claim", { session: "../../x" }],
    ["claim", { session: "-x" }],
    ["finish", { how: "complete", session: "2026-01-01-of-nobody" }],
    ["progress", { kind: "message", to: "nobody", text: "x" }],
  ];
  for (const [name, input] of bad) {
    const said = await call(name, input);
    expect(said, `${name} ${JSON.stringify(input).slice(0, 100)}`).toMatchObject({ isError: true });
    expect(said.text).toMatch(/^[A-Z_]+: [^\n]+\nNext: [^\n]+$/);
  }
  await expect(call("no_such_tool")).rejects.toThrow("no_such_tool");
  const after = await berth.status({});
  expect([after.locks, after.conflicts, after.fileConflicts]).toEqual([[], [], []]);
  expect(after.sessions).toEqual(before.sessions);
  expect((await berth.sharedGet()).version).toBe(0);
  expect((await berth.noteList()).notes).toEqual([]);
  expect(readFileSync(join(home, "src/a.txt"), "utf8")).toBe(file);
});

test("a message of ten megabytes is answered with an error, and the server goes on", async () => {
  const { home, berth } = await team({ remote: false });
  const { call } = await startAgent(home, "otter");
  const value = "x".repeat(10_000_000);
  await expect(call("shared_context", { action: "set", key: "big", value })).rejects.toThrow("bytes is not read");
  expect((await berth.sharedGet()).version).toBe(0);
  expect((await call("help")).isError).toBe(false);
});
