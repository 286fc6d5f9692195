import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { CLIENT_NAMES } from "../../src/hook/event.ts";
import { inProcess } from "../support/in-process.ts";
import { cleanEnvironment } from "../cli/run-berth.ts";
import { program } from "../support/sandbox.ts";
import { refusal, type Team, team } from "../support/session.ts";

const ALL = { agents: CLIENT_NAMES };

/** Files as people have them: comments, tabs, other hooks, servers and ends of line. */
const THEIRS: Readonly<Record<string, string>> = {
  ".claude/settings.json": `{
\t// what the team agreed on
\t"permissions": { "allow": ["Bash(npm test)"] }, /* for now */
\t"hooks": {
\t\t"PreToolUse": [
\t\t\t{ "matcher": "Bash", "hooks": [{ "type": "command", "command": "./guard.sh" }] } // ours
\t\t],
\t\t// nothing at the end yet
\t\t"Notification": []
\t}
}
`,
  ".mcp.json": '{"mcpServers":{"files":{"command":"files-server"}}}',
  ".codex/hooks.json": "{ }",
  ".gemini/settings.json": '{\r\n    "theme": "dark",\r\n    "mcpServers": {},\r\n}\r\n',
  ".github/hooks/berth.json": '{"version": 1, "hooks": {}}\n',
  ".cursor/hooks.json": '{\n  "version": 1,\n  "hooks": { "stop": [{ "command": "./notify.sh" }] }\n}',
  "opencode.jsonc":
    '{\n  // the model\n  "model": "x/y",\n  "mcp": {\n    "other": { "type": "local", "command": ["o"] },\n  },\n}\n',
  "AGENTS.md": "# For agents\n\nBe kind.",
  "CLAUDE.md": "Use tabs.\r\n",
};

function texts({ home }: Pick<Team, "home">, paths: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(
    paths.map((path) => [path, existsSync(join(home, path)) ? readFileSync(join(home, path), "utf8") : null]),
  );
}

const WRITTEN = [
  ".claude/settings.json",
  ".mcp.json",
  ".codex/hooks.json",
  ".gemini/settings.json",
  ".github/hooks/berth.json",
  ".cursor/hooks.json",
  ".cursor/mcp.json",
  ".opencode/plugins/berth.ts",
  "opencode.json",
  "opencode.jsonc",
  "AGENTS.md",
  "CLAUDE.md",
];

test("[ASP-28] every client is set up once, beside what was there, and uninit brings every byte back", async () => {
  const at = await team({ remote: false });
  at.box.write(at.home, THEIRS);
  chmodSync(join(at.home, ".mcp.json"), 0o600);
  const before = texts(at, WRITTEN);
  const plan = await at.berth.setUpAgents({ ...ALL, dryRun: true });
  expect(texts(at, WRITTEN)).toEqual(before);
  expect(await at.berth.setUpAgents(ALL)).toEqual(plan);
  const after = texts(at, WRITTEN);
  expect(after["opencode.json"]).toBeNull();
  for (const path of WRITTEN.filter((path) => path !== "opencode.json"))
    expect(after[path], path).not.toBe(before[path]);
  for (const [path, words] of Object.entries({
    ".claude/settings.json": [
      "// what the team agreed on",
      "/* for now */",
      "./guard.sh",
      "}, // ours",
      "// nothing at",
    ],
    "opencode.jsonc": ["// the model", '"other": { "type": "local", "command": ["o"] },'],
    "AGENTS.md": [THEIRS["AGENTS.md"] ?? "", "berth status"],
    "CLAUDE.md": ["Use tabs.\r\n", "\r\n@AGENTS.md\r\n"],
  }))
    for (const word of words) expect(after[path], path).toContain(word);
  expect(statSync(join(at.home, ".mcp.json")).mode & 0o777).toBe(0o600);
  const again = await at.berth.setUpAgents(ALL);
  expect(again.files.filter(({ change }) => change !== "none")).toEqual([]);
  expect(texts(at, WRITTEN)).toEqual(after);
  const { removed } = await at.berth.uninit({ dryRun: true });
  expect((await at.berth.uninit({})).removed).toEqual(removed);
  expect(texts(at, WRITTEN)).toEqual(before);
  expect(statSync(join(at.home, ".mcp.json")).mode & 0o777).toBe(0o600);
});

test("[ASP-28] where nothing was there, nothing is left", async () => {
  const at = await team({ remote: false });
  const before = at.box.git(at.home, "status", "--porcelain");
  const { files } = await at.berth.setUpAgents(ALL);
  expect(files.map(({ path, change }) => [path, change])).toEqual(
    WRITTEN.filter((path) => !["opencode.jsonc", "CLAUDE.md"].includes(path)).map((path) => [path, "made"]),
  );
  expect(JSON.parse(readFileSync(join(at.home, ".codex/hooks.json"), "utf8"))).toMatchObject({
    hooks: { PreToolUse: [{ hooks: [{ type: "command", command: "berth hook --client codex", timeout: 10 }] }] },
  });
  await at.berth.uninit({});
  expect(at.box.git(at.home, "status", "--porcelain")).toBe(before.replace(/^\?\? \.(?:berth|gitignore).*\n?/gm, ""));
  for (const folder of [".claude", ".opencode", ".github", ".cursor"])
    expect(existsSync(join(at.home, folder))).toBe(false);
});

test("[INV-3] what its user has changed around the entries stays when they go, also where nobody remembers them", async () => {
  const at = await team({ remote: false });
  at.box.write(at.home, { ".claude/settings.json": THEIRS[".claude/settings.json"] ?? "", "AGENTS.md": "# Ours\n" });
  await at.berth.setUpAgents({ agents: ["claude"] });
  const file = join(at.home, ".claude/settings.json");
  const edited = readFileSync(file, "utf8")
    .replace('"timeout": 10', '"timeout": 20')
    .replace('"permissions"', '"model": "large",\n\t"permissions"')
    .replace(/("Stop": \[[^[]*\[)/, '$1\n\t\t\t\t{ "type": "command", "command": "./mine.sh" }, // mine\n');
  expect(edited).toContain("./mine.sh");
  writeFileSync(file, edited);
  writeFileSync(join(at.home, "AGENTS.md"), `${readFileSync(join(at.home, "AGENTS.md"), "utf8")}\nMore.\n`);
  // Another clone has the files, and no record of what they were.
  const record = join(at.home, ".git/berth/agent-files.json");
  expect(existsSync(record)).toBe(true);
  writeFileSync(record, "damaged");
  expect((await at.berth.setUpAgents({ agents: ["claude"] })).files.every(({ change }) => change === "none")).toBe(
    true,
  );
  await at.berth.uninit({});
  const left = readFileSync(file, "utf8");
  expect(left).not.toContain("berth");
  for (const word of ['"model": "large"', "./guard.sh", "./mine.sh", "// mine", "// nothing at the end yet"])
    expect(left).toContain(word);
  expect(readFileSync(join(at.home, "AGENTS.md"), "utf8")).toBe("# Ours\n\nMore.\n");
  expect(existsSync(join(at.home, ".mcp.json"))).toBe(false);
});

test.each([
  [".claude/settings.json", '{\n  "hooks": {,\n}', "line 2, column 13"],
  [".mcp.json", "", "line 1, column 1"],
  [".codex/hooks.json", '{"hooks": []}', "hooks is no object, in line 1"],
  [".cursor/hooks.json", '{\n"hooks": {"stop": {}}}', "hooks.stop is no list, in line 2"],
  [".gemini/settings.json", "[]", "no object"],
])(
  "[INV-8] %s with damage in it is refused with its place, and nothing is changed anywhere",
  async (path, text, where) => {
    const at = await team({ remote: false });
    at.box.write(at.home, { [path]: text });
    const before = at.box.git(at.home, "status", "--porcelain", "-uall");
    for (const dryRun of [true, false]) {
      const error = await refusal(at.berth.setUpAgents({ ...ALL, dryRun }), "INVALID");
      expect(error.message).toContain(path);
      expect(error.message).toContain(where);
    }
    expect(at.box.git(at.home, "status", "--porcelain", "-uall")).toBe(before);
    expect(readFileSync(join(at.home, path), "utf8")).toBe(text);
    // What says nothing of Berth is in nobody's way when it goes.
    await at.berth.uninit({});
    expect(readFileSync(join(at.home, path), "utf8")).toBe(text);
  },
);

test("[INV-5] a run that was killed between two files is finished by the next one, and uninit still knows what was there", async () => {
  const at = await team({ remote: false });
  at.box.write(at.home, THEIRS);
  const before = texts(at, WRITTEN);
  await at.berth.setUpAgents(ALL);
  const after = texts(at, WRITTEN);
  for (const [n, path] of WRITTEN.entries()) {
    const text = before[path] ?? null;
    if (n % 2 === 0 && text !== null) writeFileSync(join(at.home, path), text);
  }
  await at.berth.setUpAgents(ALL);
  expect(texts(at, WRITTEN)).toEqual(after);
  await at.berth.uninit({});
  expect(texts(at, WRITTEN)).toEqual(before);
});

test("[INV-10] two at once, for clients that share files, write each entry once", async () => {
  const at = await team({ remote: false });
  at.box.write(at.home, THEIRS);
  const before = texts(at, WRITTEN);
  const other = await at.box.open(at.home, "agent two");
  await Promise.all([
    at.berth.setUpAgents({ agents: ["claude", "gemini"] }),
    other.setUpAgents({ agents: ["copilot", "claude", "cursor"] }),
  ]);
  expect(
    (await at.berth.setUpAgents({ agents: ["claude", "copilot", "gemini", "cursor"] })).files.every(
      ({ change }) => change === "none",
    ),
  ).toBe(true);
  const settings = readFileSync(join(at.home, ".claude/settings.json"), "utf8");
  expect(settings.match(/berth hook --client claude/g)).toHaveLength(12);
  await at.berth.uninit({});
  expect(texts(at, WRITTEN)).toEqual(before);
});

test("[INV-3] links in the place of these files are never written through to elsewhere", async () => {
  const at = await team({ remote: false });
  const outside = join(at.box.dir, "outside");
  mkdirSync(outside);
  symlinkSync(outside, join(at.home, ".claude"));
  expect((await refusal(at.berth.setUpAgents({ agents: ["claude"] }), "INVALID")).message).toContain("outside");
  writeFileSync(join(outside, "hooks.json"), "{}");
  mkdirSync(join(at.home, ".codex"));
  symlinkSync(join(outside, "hooks.json"), join(at.home, ".codex/hooks.json"));
  expect((await refusal(at.berth.setUpAgents({ agents: ["codex"] }), "INVALID")).message).toContain("is a link");
  // One of the two texts for agents often stands for the other.
  at.box.write(at.home, { "CLAUDE.md": "# Both\n" });
  symlinkSync("CLAUDE.md", join(at.home, "AGENTS.md"));
  const { files } = await at.berth.setUpAgents({ agents: ["cursor"] });
  expect(files.map(({ path }) => path)).toEqual([".cursor/hooks.json", ".cursor/mcp.json", "CLAUDE.md"]);
  expect(readFileSync(join(at.home, "CLAUDE.md"), "utf8")).not.toContain("@AGENTS.md");
  await at.berth.uninit({});
  expect(readFileSync(join(at.home, "CLAUDE.md"), "utf8")).toBe("# Both\n");
});

test("[ASP-28] init --agent says what each file gets, and what is left to do", async () => {
  const at = await team({ remote: false });
  const machine = join(at.box.dir, "machine");
  const json = async (...args: string[]): Promise<Record<string, unknown>> =>
    JSON.parse((await inProcess(["init", "--yes", "--json", ...args], at.home, machine)).stdout) as Record<
      string,
      unknown
    >;
  const planned = await json("--agent", "all", "--dry-run");
  expect(planned).toMatchObject({
    plan: {
      agents: {
        files: expect.arrayContaining([{ path: "AGENTS.md", change: "made", adds: ["a section for agents"] }]),
      },
    },
  });
  expect(existsSync(join(at.home, "AGENTS.md"))).toBe(false);
  const made = await json("--agent", "codex", "--agent", "claude");
  expect(made).toMatchObject({ next: expect.arrayContaining([expect.stringContaining("/hooks")]) });
  expect(existsSync(join(at.home, ".codex/hooks.json"))).toBe(true);
  const said = await inProcess(["init", "--yes", "--agent", "claude"], at.home, machine);
  expect(said.stdout).toContain("has it    .claude/settings.json");
  expect((await inProcess(["init", "--agent", "otter"], at.home, machine)).code).toBe(2);
  const path = join(at.home, ".mcp.json");
  writeFileSync(path, "{");
  const refused = await inProcess(["init", "--yes", "--agent", "claude"], dirname(path), machine);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(".mcp.json cannot be read")]);
});

test("[INV-5] killed in the middle, and run again, it ends as if it had run once", async () => {
  const at = await team({ remote: false });
  at.box.write(at.home, THEIRS);
  const before = texts(at, WRITTEN);
  const [node = "", ...words] = program;
  const env = cleanEnvironment({ BERTH_HOME: join(at.box.dir, "machine") });
  const child = spawn(node, [...words, "init", "--yes", "--agent", "all"], { cwd: at.home, env, stdio: "ignore" });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const written = (): boolean => readFileSync(join(at.home, ".claude/settings.json"), "utf8").includes("berth");
  await expect.poll(written, { interval: 1, timeout: 20_000 }).toBe(true);
  child.kill("SIGKILL");
  await ended;
  for (const text of Object.values(texts(at, WRITTEN))) expect(text ?? "{}").not.toBe("");
  await at.berth.setUpAgents(ALL);
  const after = texts(at, WRITTEN);
  expect((await at.berth.setUpAgents(ALL)).files.every(({ change }) => change === "none")).toBe(true);
  expect(after[".cursor/hooks.json"]?.match(/berth hook/g)).toHaveLength(7);
  await at.berth.uninit({});
  expect(texts(at, WRITTEN)).toEqual(before);
});

test("[INV-3] in a clone that has no record of what was there, files laid out in lines get their bytes back too", async () => {
  const at = await team({ remote: false });
  const paths = [".claude/settings.json", ".mcp.json", "opencode.jsonc", "AGENTS.md", "CLAUDE.md"];
  for (const end of ["", "\n"]) {
    const texted = Object.fromEntries(paths.map((path) => [path, `${(THEIRS[path] ?? "").trimEnd()}${end}`]));
    at.box.write(at.home, texted);
    await at.berth.setUpAgents(ALL);
    rmSync(join(at.home, ".git/berth/agent-files.json"));
    await at.berth.uninit({});
    expect(texts(at, paths)).toEqual(texted);
    expect(existsSync(join(at.home, ".opencode"))).toBe(false);
    expect(existsSync(join(at.home, ".cursor"))).toBe(false);
    await at.berth.init({});
  }
});
