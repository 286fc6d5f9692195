import { describe, expect, test } from "vitest";
import type { Command } from "../../src/cli/command.ts";
import { longName, ownOptions } from "../../src/cli/global-options.ts";
import { readCall, readHead } from "../../src/cli/parse.ts";
import { findVerb, GROUPS, VERBS, visibleVerbs } from "../../src/cli/registry.ts";
import { runBerth } from "./run-berth.ts";

const LOADED = await Promise.all(VERBS.map(async (verb) => ({ ...verb, command: (await verb.load()).command })));

test("the overview names every verb in its group, and nothing hidden", async () => {
  const { code, stdout, stderr } = await runBerth([]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  for (const group of GROUPS) expect(stdout).toContain(`\n${group}\n`);
  for (const { name, summary } of visibleVerbs()) expect(stdout).toMatch(new RegExp(`^  ${name} +${summary}$`, "m"));
  expect(stdout).not.toMatch(/^ *gate /m);
  expect((await runBerth(["help"])).stdout).toBe(stdout);
  expect((await runBerth(["--help"])).stdout).toBe(stdout);
});

describe.each(LOADED)("berth $name", ({ name, summary, command }) => {
  test("--help shows how it is called, what it takes, an example and the exit codes", async () => {
    const { code, stdout, stderr } = await runBerth([...name.split(" "), "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`berth ${name}: ${summary}`);
    expect(stdout).toContain(`Usage: berth ${name}`);
    for (const key of Object.keys(ownOptions(command))) expect(stdout).toContain(longName(key));
    expect(stdout).toMatch(/\nExamples\n {2}# /);
    expect(stdout).toMatch(/\nExit codes\n {2}0 /);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(160);
  });

  test("its examples are calls that it takes", () => {
    expect(command.examples.length).toBeGreaterThan(0);
    for (const { line } of command.examples) expect(() => read(line, command, name)).not.toThrow();
  });
});

test("help of a verb is the same by either way, and data with --json", async () => {
  const [asked, option] = await Promise.all([runBerth(["help", "claim"]), runBerth(["claim", "-h"])]);
  expect(asked.stdout).toBe(option.stdout);
  const { stdout } = await runBerth(["help", "claim", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({
    schemaVersion: 1,
    verb: "claim",
    options: expect.arrayContaining([expect.objectContaining({ name: "--workspace", choices: ["worktree", "clone"] })]),
  });
});

test("a verb of two words is found before one that is its first word", () => {
  const [list, show] = [findVerb(["list"]), findVerb(["show"])];
  if (list === undefined || show === undefined) throw new Error("verbs are missing");
  const table = [
    { ...list, name: "task" },
    { ...show, name: "task add" },
  ];
  expect(findVerb(["task", "add", "x"], table)?.name).toBe("task add");
  expect(findVerb(["task", "x"], table)?.name).toBe("task");
  expect(findVerb(["add"], table)).toBeUndefined();
});

/** Reads an example as a shell and the program would. */
function read(line: string, command: Command, name: string): void {
  const call = /(?<![\w/-])berth (?<rest>(?:"[^"]*"|[^"()|<>])*)/.exec(line)?.groups?.["rest"] ?? "";
  const words = [...call.matchAll(/(?:"([^"]*)"|([^\s"]))+/g)].map(([word]) => word.replaceAll('"', ""));
  expect(findVerb(readHead(words).words)?.name).toBe(name);
  readCall(words.slice(name.split(" ").length), command, name);
}
