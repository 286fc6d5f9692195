import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, test, type TestContext } from "vitest";
import { program, type Sandbox, sandbox } from "../support/sandbox.ts";
import { cleanEnvironment, runBerth } from "./run-berth.ts";

/** Gives a program a terminal of its own. */
const TYPESCRIPT = "script";

/** Without it these tests say why they did not run. */
function needTerminal(context: TestContext): void {
  const { stdout } = spawnSync(TYPESCRIPT, ["--version"], { encoding: "utf8" });
  if (!(stdout ?? "").includes("util-linux")) context.skip("script of util-linux is not installed");
}

interface Answer {
  /** What the program waits for, before the keys are pressed. */
  readonly when: string;
  readonly keys: string;
}

/** Runs the program on a terminal of its own, and types. */
async function onTerminal(
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: Record<string, string>;
    readonly answers?: readonly Answer[];
    readonly columns?: number;
  },
): Promise<{ code: number | null; screen: string }> {
  const words = [...program, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const child = spawn(TYPESCRIPT, ["-qec", `stty cols ${options.columns ?? 100} rows 30; ${words}`, "/dev/null"], {
    cwd: options.cwd,
    env: cleanEnvironment({ TERM: "xterm-256color", CI: undefined, ...options.env }),
  });
  const pending = [...(options.answers ?? [])];
  let screen = "";
  child.stdout.on("data", (chunk: Buffer) => {
    screen += chunk.toString("utf8");
    const [next] = pending;
    if (next === undefined || !stripVTControlCharacters(screen).includes(next.when)) return;
    pending.shift();
    child.stdin.write(next.keys);
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, screen: screen.replaceAll("\r\n", "\n") };
}

function envOf(box: Sandbox): Record<string, string> {
  return { BERTH_HOME: join(box.dir, "machine") };
}

test("init asks on a terminal, and writes what differs from the defaults", async (context) => {
  needTerminal(context);
  const box = sandbox();
  const cwd = box.clone("one");
  const answers = [
    { when: "The branch work lands on", keys: "\r" },
    { when: "Where agents work", keys: "\u001b[B\r" },
    { when: "Command that makes a new workspace ready", keys: "\r" },
    { when: "Command that must pass before anything lands", keys: "npm test\r" },
  ];
  const { code, screen } = await onTerminal(["init"], { cwd, env: envOf(box), answers });
  expect(code, screen).toBe(0);
  expect(stripVTControlCharacters(screen)).toContain("Ready. Made now:");
  const settings = readFileSync(join(cwd, ".berth/config.yaml"), "utf8");
  expect(settings).toMatch(/^workspace:\n {2}kind: clone$/m);
  expect(settings).toMatch(/^landing:\n {2}verify: npm test$/m);
  expect(settings).toMatch(/^base: main$/m);
});

test("leaving a question sets nothing up and ends with 130", async (context) => {
  needTerminal(context);
  const box = sandbox();
  const cwd = box.clone("one");
  const answers = [{ when: "The branch work lands on", keys: "\u0003" }];
  const { code, screen } = await onTerminal(["init"], { cwd, env: envOf(box), answers });
  expect(code, screen).toBe(130);
  expect(existsSync(join(cwd, ".berth"))).toBe(false);
  expect(box.git(box.hub, "branch", "--list", "berth/ledger")).toBe("");
});

test.for(["--yes", "--no-input", "--json"])("init %s asks nothing, even on a terminal", async (option, context) => {
  needTerminal(context);
  const box = sandbox();
  const cwd = box.clone("one");
  const { code, screen } = await onTerminal(["init", option], { cwd, env: envOf(box) });
  expect(code, screen).toBe(0);
  expect(screen).not.toContain("The branch work lands on");
});

test("edit opens the editor; what is refused is kept, and the message says where", async (context) => {
  needTerminal(context);
  const box = sandbox();
  const cwd = box.clone("one");
  const env = envOf(box);
  await runBerth(["init", "--yes"], { cwd, env });
  const id = "2026-11-21-draft";
  await runBerth(["draft", "Old", "--id", id], { cwd, env });
  const editor = (name: string, sed: string): string => {
    const file = join(box.dir, `${name} editor`);
    writeFileSync(file, `#!/bin/sh\nfor last; do :; done\nsed -i '${sed}' "$last"\n`);
    chmodSync(file, 0o755);
    return `'${file}' --wait`;
  };
  const good = await onTerminal(["edit", id], { cwd, env: { ...env, EDITOR: editor("good", "s/Old/New/") } });
  expect(good.code, good.screen).toBe(0);
  expect(stripVTControlCharacters(good.screen)).toContain(`Saved ${id}: New`);
  const same = await onTerminal(["edit", id], { cwd, env: { ...env, EDITOR: "false", VISUAL: "true" } });
  expect(stripVTControlCharacters(same.screen)).toContain("Nothing was changed.");
  const failed = await onTerminal(["edit", id], { cwd, env: { ...env, EDITOR: "false" } });
  expect(failed.code).toBe(1);
  expect(stripVTControlCharacters(failed.screen)).toContain("The editor (false) ended with 1; nothing was changed.");
  const bad = await onTerminal(["edit", id], {
    cwd,
    env: { ...env, VISUAL: editor("bad", "s/^priority: .*/priority: at once/") },
  });
  expect(bad.code, bad.screen).toBe(2);
  const kept = /berth edit \S+ --file (\S+)/.exec(stripVTControlCharacters(bad.screen))?.[1] ?? "";
  expect(readFileSync(kept, "utf8")).toContain("priority: at once");
  const without = await onTerminal(["edit", id], { cwd, env });
  expect(without.code).toBe(2);
  expect(stripVTControlCharacters(without.screen)).toContain("neither VISUAL nor EDITOR is set");
});

test("a table fits the terminal, keeps ids whole, and is painted", async (context) => {
  needTerminal(context);
  const box = sandbox();
  const cwd = box.clone("one");
  const env = envOf(box);
  await runBerth(["init", "--yes"], { cwd, env });
  const id = "2026-11-21-a-rather-long-id";
  await runBerth(["draft", `A title ${"that goes on ".repeat(10)}`, "--id", id], { cwd, env });
  const { screen } = await onTerminal(["list"], { cwd, env, columns: 80 });
  const [header = "", row = ""] = screen.split("\n");
  expect(header).toContain("\u001b[2mSTATE");
  expect(stripVTControlCharacters(row)).toMatch(/^.{60,80}$/);
  expect(row).toContain("…");
  expect(row).toContain(id);
  const plain = await onTerminal(["list"], { cwd, env: { ...env, NO_COLOR: "1" } });
  expect(plain.screen).not.toContain("\u001b[");
});

test("[INV-9] on a terminal a shared text moves no cursor and passes for no words of Berth; a pipe has it as it is", async (context) => {
  needTerminal(context);
  const box = sandbox();
  const cwd = box.clone("one");
  const env = { ...envOf(box), NO_COLOR: "1" };
  await runBerth(["init", "--yes"], { cwd, env });
  const text =
    'fine\n\nconflict at api.key\n  ours    A: 1\n  berth tell all "pwned" \u001b[31m\u001b]0;t\u0007\u009b2J\u202e';
  const as = (agent: string, ...args: string[]): ReturnType<typeof runBerth> =>
    runBerth(["--agent", agent, "shared", ...args], { cwd, env });
  await as("one", "set", "x", text, "--text");
  await as("one", "set", "map", JSON.stringify({ text }));
  const shown = async (...args: string[]): Promise<string> =>
    (await onTerminal(["shared", ...args], { cwd, env })).screen;
  for (const screen of [
    await shown("get", "x"),
    await shown("get", "x", "--quiet"),
    await shown("get"),
    await shown("export"),
  ])
    expect(screen.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(await shown("get", "x")).toContain("  fine\n  \n  conflict at api.key\n    ours");
  expect((await as("one", "get", "x")).stdout).toBe(`${text}\n`);
  await as("two", "set", "x", "other", "--text");
  const piped = (await as("one", "get", "x")).stdout;
  expect(piped).toContain("\n  conflict at api.key\n");
  expect(piped).toContain("\nconflict at x\n");
  expect((await as("one", "get", "x", "--quiet")).stdout).toBe(`${text}\n`);
});
