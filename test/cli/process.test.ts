import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { program, sandbox } from "../support/sandbox.ts";
import { cleanEnvironment, runBerth, runShell } from "./run-berth.ts";

describe.each(["SIGINT", "SIGTERM"] as const)("%s", (name) => {
  test("ends a waiting verb with 130, and says that running it again is safe", async () => {
    const box = sandbox();
    const cwd = box.clone("one");
    const env = { BERTH_HOME: join(box.dir, "machine") };
    await runBerth(["init", "--yes"], { cwd, env });
    const [node = "", berth = ""] = program;
    const child = spawn(node, [berth, "claim", "--next", "--wait", "60", "--json"], {
      cwd,
      env: cleanEnvironment(env),
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    // What it says after two seconds shows that it is at work and not still starting.
    await new Promise<void>((resolve) => child.stderr.once("data", () => resolve()));
    child.kill(name);
    expect(await ended).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "INTERRUPTED", hint: expect.stringContaining("again") },
    });
    expect(stderr).toMatch(/^(berth: [^\n]*\n)+$/);
  });
});

test("a reader that goes away early is no error", async () => {
  const { stdout, stderr } = await runShell('"$@" help | (exec <&-); echo "${PIPESTATUS[0]}"', [...program]);
  expect({ stdout, stderr }).toEqual({ stdout: "0\n", stderr: "" });
});

test("a short verb leaves no trace of its progress where there is no terminal", async () => {
  const box = sandbox();
  const cwd = box.clone("one");
  const { stderr } = await runBerth(["init", "--yes"], { cwd, env: { BERTH_HOME: join(box.dir, "machine") } });
  expect(stderr).toBe("");
});

test("output that is no terminal has no colours, unless they are forced", async () => {
  expect((await runBerth(["help"])).stdout).not.toContain("\u001b");
  expect((await runBerth(["help"], { env: { FORCE_COLOR: "1" } })).stdout).toContain("\u001b[1mSet up\u001b[22m");
  expect((await runBerth(["help", "--json"], { env: { FORCE_COLOR: "1" } })).stdout).not.toContain("\u001b");
});
