import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planned, program, type Sandbox } from "../support/sandbox.ts";
import { team } from "../support/session.ts";

const HOOK = join(import.meta.dirname, "../support/fault-hook.ts");

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

/** Runs the program as a shell would; with a fault where one is given. */
async function berth(box: Sandbox, dir: string, args: readonly string[], fault?: string, hook = true): Promise<Ended> {
  const [node = "", ...first] = program;
  const env = { ...process.env, BERTH_HOME: join(box.dir, "machine"), ...(fault ? { BERTH_TEST_FAULT: fault } : {}) };
  const before = fault && hook ? ["--import", HOOK] : [];
  const child = spawn(node, [...before, ...first, ...args], { cwd: dir, env, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once("close", (...how) => resolve(how)),
  );
  return { code, signal, stderr };
}

test("[INV-5] a fault is set from outside at a step of the ledger, of the live layer and of the disk, and a second run ends well", async () => {
  const { box, home, berth: one } = await team({ remote: false });
  const id = await planned(one, "One");
  expect(await berth(box, home, ["claim", id], "kill@claim.won#1")).toMatchObject({ signal: "SIGKILL" });
  expect(await berth(box, home, ["claim", id])).toMatchObject({ code: 0 });
  const add = ["task", "add", "Build it", "--id", "t1"];
  expect(await berth(box, home, add, "kill@store.decided#1")).toMatchObject({ signal: "SIGKILL" });
  expect((await one.tasks({})).tasks).toEqual([]);
  const refused = await berth(box, home, add, "ENOSPC@store.decided#1");
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("ENOSPC")]);
  expect(await berth(box, home, add)).toMatchObject({ code: 0 });
  const note = ["brain", "write", "plans/a", "Text"];
  expect(await berth(box, home, note, "EIO@disk.rename#1")).toMatchObject({ code: 1 });
  expect(await one.noteRead({ path: "plans/a" })).toEqual({ note: null });
  const start = performance.now();
  expect(await berth(box, home, ["unlock", "--all"], "delay@store.decided#1:300")).toMatchObject({ code: 0 });
  expect(performance.now() - start).toBeGreaterThan(300);
});

test("the program itself knows of no fault", async () => {
  const { box, home } = await team({ remote: false });
  const add = ["task", "add", "Build it", "--id", "t1"];
  expect(await berth(box, home, add, "kill@store.decided#1", false)).toMatchObject({ code: 0 });
  const src = join(import.meta.dirname, "../../src");
  const texts = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(src, name), "utf8"));
  expect(texts.filter((text) => /BERTH_TEST|berthFaults/.test(text))).toEqual([]);
});
