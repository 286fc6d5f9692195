import { describe, expect, test } from "vitest";
import { runBerth } from "./run-berth.ts";

describe("a call that cannot be understood ends with 2, says why, and what to type", () => {
  test.each([
    [["clam"], 'There is no verb "clam". Did you mean claim?', "berth help"],
    [["list", "--al"], "berth list has no option --al. Did you mean --all?", "berth list --help"],
    [["--colour", "list"], "berth has no option --colour.", "berth --help"],
    [["list", "extra"], 'berth list does not take "extra".', "berth list --help"],
    [["draft"], "berth draft needs TITLE: what the work is, in a few words.", "berth draft --help"],
    [["draft", "fix", "it"], 'berth draft does not take "it".', 'berth draft "fix it"'],
    [["draft", "x", "--priority", "nxt"], '--priority cannot be "nxt". Did you mean next?', "now, next, future"],
    [["completion", "powershell"], 'SHELL cannot be "powershell".', "bash, zsh, fish"],
    [["list", "--all=yes"], '--all takes no value, and was given "yes".', "berth list --help"],
    [["log", "x", "--session"], "--session needs a value: --session ID.", "berth log --help"],
    [
      ["complete", "--message", "--commit"],
      "--message needs a value, and is followed by --commit.",
      "--message=--commit",
    ],
    [["claim", "--next", "--wait", "soon"], '--wait cannot be "soon".', "--wait 30"],
    [["claim", "--next", "--wait", "1e9"], '--wait cannot be "1e9".', "--wait 30"],
    [["claim", "x", "--capability", "c"], "--wait and --capability go with --next.", "berth claim --next"],
    [["complete", "--tick", "0"], '--tick cannot be "0".', "--tick 2"],
    [
      ["release"],
      "berth release needs --reason T: why; it is written down with the session.",
      "berth release --reason",
    ],
    [["recover", "--take-over"], "berth recover --take-over needs ID.", "berth recover"],
    [["draft", "-", "--note", "-"], "Only one value can come from standard input", "Give the others as text."],
    [["list", "--agent", "a\u202eb"], "--agent is not a usable name", "--agent codex-2"],
  ])("%j", async (args, message, hint) => {
    const { code, stdout, stderr } = await runBerth(args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    const [first, ...rest] = stderr.trimEnd().split("\n");
    expect(first).toContain(`berth: ${message}`);
    expect(rest.at(-1)).toContain("next: ");
    expect(rest.at(-1)).toContain(hint);
  });
});

test("with --json the same is one document on standard output, wherever --json stands", async () => {
  for (const args of [
    ["--json", "clam"],
    ["clam", "--json"],
    ["list", "--bogus", "--json"],
  ]) {
    const { code, stdout, stderr } = await runBerth(args);
    expect(code).toBe(2);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^\{"schemaVersion":1,"error":\{"code":"USAGE","message":"[^"]/);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, error: { hint: expect.stringContaining("berth") } });
  }
});

test("what stands after -- is never an option", async () => {
  const { code, stderr } = await runBerth(["help", "--", "--json"]);
  expect(code).toBe(2);
  expect(stderr).toContain('There is no verb "--json".');
});

test("options of every verb may stand before it and after it", async () => {
  const before = await runBerth(["-C", "/", "--json", "help", "path"]);
  const after = await runBerth(["help", "path", "--json", "-C/"]);
  expect(before).toEqual(after);
  expect(before.code).toBe(0);
});

test("the version is told with the runtime", async () => {
  expect((await runBerth(["--version"])).stdout).toMatch(/^berth \d+\.\d+\.\d+ \(node v\d+\.\d+\.\d+, \w+-\w+\)\n$/);
  const { stdout } = await runBerth(["--version", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, runtime: `node ${process.version}` });
  expect((await runBerth(["--version", "--quiet"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("folders that are not there or not a repository are told as not found", async () => {
  const missing = await runBerth(["-C", "/no/such/folder", "list"]);
  expect(missing).toMatchObject({ code: 3, stdout: "" });
  expect(missing.stderr).toContain("There is no folder /no/such/folder.");
  const bare = await runBerth(["list"], { cwd: "/" });
  expect(bare).toMatchObject({ code: 3, stdout: "" });
  expect(bare.stderr).toContain("No git repository here");
});
