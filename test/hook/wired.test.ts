import { chmodSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test, vi } from "vitest";
import { CLIENT_NAMES, type ClientName } from "../../src/hook/event.ts";
import { runShell } from "../cli/run-berth.ts";
import { program } from "../support/sandbox.ts";
import { type Team, team } from "../support/session.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A repository with all clients set up, and a PATH on which `berth` is found. */
async function wired(): Promise<Team & { readonly path: string }> {
  const world = await team({ remote: false });
  await world.berth.setUpAgents({ agents: CLIENT_NAMES });
  const words = program.map((word) => `'${word}'`).join(" ");
  world.box.write(world.box.dir, { "bin/berth": `#!/bin/sh\nexec ${words} "$@"\n` });
  chmodSync(join(world.box.dir, "bin/berth"), 0o755);
  return { ...world, path: [join(world.box.dir, "bin"), process.env["PATH"]].join(delimiter) };
}

interface Group {
  readonly matcher?: string;
  readonly command?: string;
  readonly bash?: string;
  readonly hooks?: readonly { readonly command: string }[];
}

/** The command lines that a client's file has for an event and a tool. */
function commandsOf(home: string, file: string, event: string, tool: string | undefined): string[] {
  const { hooks } = JSON.parse(readFileSync(join(home, file), "utf8")) as { hooks: Record<string, readonly Group[]> };
  return (hooks[event] ?? [])
    .filter(({ matcher }) => matcher === undefined || (tool !== undefined && matcher.split("|").includes(tool)))
    .flatMap(({ command, bash, hooks: inner }) => inner?.map((one) => one.command) ?? [command ?? bash ?? ""]);
}

test("[XCS-06] the hooks in Claude Code's settings register, lock, refuse and sign off, run as it runs them", async () => {
  const world = await wired();
  const call = async (session: string, event: string, more: Fields = {}): Promise<Fields> => {
    const tool = typeof more["tool_name"] === "string" ? more["tool_name"] : undefined;
    const commands = commandsOf(world.home, ".claude/settings.json", event, tool);
    expect(commands, `${event} ${tool}`).toHaveLength(1);
    const input = JSON.stringify({ hook_event_name: event, session_id: session, cwd: world.home, ...more });
    const env = { PATH: world.path, BERTH_HOME: join(world.box.dir, "machine"), CLAUDE_PROJECT_DIR: world.home };
    const run = await runShell(commands[0] ?? "", [], { cwd: world.home, env, input });
    expect([run.code, run.stderr]).toEqual([0, ""]);
    return run.stdout.trim() === "" ? {} : (JSON.parse(run.stdout) as Fields);
  };
  const edit = { tool_name: "Edit", tool_input: { file_path: join(world.home, "src/a.txt") } };
  const [one, two] = ["11111111-aaaa", "22222222-bbbb"];
  const page = await call(one, "SessionStart", { source: "startup" });
  expect(JSON.stringify(page)).toContain("registered as claude-code-1111aaaa");
  expect((await world.berth.agents()).agents.map(({ id }) => id)).toContain("claude-code-1111aaaa");
  expect(await call(one, "PreToolUse", edit)).toEqual({});
  expect(await call(two, "PreToolUse", edit)).toMatchObject({
    hookSpecificOutput: {
      hookEventName: "PreToolUse",
      permissionDecision: "deny",
      permissionDecisionReason: expect.stringContaining("claude-code-1111aaaa"),
    },
  });
  expect(await call(one, "SessionEnd", { reason: "other" })).toEqual({});
  expect((await world.berth.status()).locks).toEqual([]);
});

/** How each client tells of an edit, and how its answer refuses it. */
const EDITS: readonly {
  readonly client: Exclude<ClientName, "opencode">;
  readonly file: string;
  readonly event: string;
  readonly tool: string;
  readonly payload: (path: string) => Fields;
  readonly refuses: Fields;
}[] = [
  {
    client: "codex",
    file: ".codex/hooks.json",
    event: "PreToolUse",
    tool: "apply_patch",
    payload: () => ({
      hook_event_name: "PreToolUse",
      session_id: "33333333",
      tool_name: "apply_patch",
      tool_input: { command: "*** Begin Patch\n*** Update File: src/a.txt\n@@\n-line 1\n+line\n*** End Patch\n" },
    }),
    refuses: { hookSpecificOutput: expect.objectContaining({ permissionDecision: "deny" }) as unknown },
  },
  {
    client: "gemini",
    file: ".gemini/settings.json",
    event: "BeforeTool",
    tool: "replace",
    payload: (path) => ({
      hook_event_name: "BeforeTool",
      session_id: "44444444",
      tool_name: "replace",
      tool_input: { file_path: path },
    }),
    refuses: { decision: "deny" },
  },
  {
    client: "copilot",
    file: ".github/hooks/berth.json",
    event: "PreToolUse",
    tool: "edit",
    // In one of its spellings the payload does not say what happened.
    payload: (path) => ({ sessionId: "55555555", toolName: "edit", toolArgs: JSON.stringify({ path }) }),
    refuses: { permissionDecision: "deny" },
  },
  {
    client: "cursor",
    file: ".cursor/hooks.json",
    event: "preToolUse",
    tool: "Write",
    payload: (path) => ({
      hook_event_name: "preToolUse",
      conversation_id: "66666666",
      tool_name: "Write",
      tool_input: { file_path: path },
    }),
    refuses: { permission: "deny" },
  },
];

test("[XCS-06] the entries of every other client refuse an edit of what somebody else holds", async () => {
  const world = await wired();
  await world.berth.lock({ paths: ["src/a.txt"] });
  const env = { PATH: world.path, BERTH_HOME: join(world.box.dir, "machine") };
  for (const { client, file, event, tool, payload, refuses } of EDITS) {
    const [command = ""] = commandsOf(world.home, file, event, tool);
    const input = JSON.stringify({ cwd: world.home, ...payload(join(world.home, "src/a.txt")) });
    const run = await runShell(command, [], { cwd: world.home, env, input });
    expect(JSON.parse(run.stdout), client).toMatchObject(refuses);
    expect(run.stdout, client).toContain("agent one");
  }
});

interface Plugin {
  readonly Berth: (input: { readonly directory: string }) => Promise<{
    readonly "chat.message": (input: Fields) => Promise<void>;
    readonly "experimental.chat.system.transform": (input: Fields, output: { system: string[] }) => Promise<void>;
    readonly "tool.execute.before": (input: Fields, output: { args: Fields }) => Promise<void>;
    readonly event: (input: { readonly event: Fields }) => Promise<void>;
  }>;
}

test("[XCS-06] the plugin of opencode registers, tells what is to be known, refuses and signs off", async () => {
  const world = await wired();
  vi.stubEnv("PATH", world.path).stubEnv("BERTH_HOME", join(world.box.dir, "machine"));
  try {
    await world.berth.lock({ paths: ["src/a.txt"] });
    const file = pathToFileURL(join(world.home, ".opencode/plugins/berth.ts")).href;
    const { Berth } = (await import(file)) as Plugin;
    const plugin = await Berth({ directory: world.home });
    await plugin["chat.message"]({ sessionID: "ses_77777777" });
    const output = { system: [] as string[] };
    await plugin["experimental.chat.system.transform"]({ sessionID: "ses_77777777" }, output);
    expect(output.system.join("\n")).toContain("src/a.txt by agent one");
    const before = (path: string): Promise<void> =>
      plugin["tool.execute.before"](
        { tool: "edit", sessionID: "ses_77777777" },
        { args: { filePath: join(world.home, path) } },
      );
    await before("src/b.txt");
    await expect(before("src/a.txt")).rejects.toThrow(/locked by agent one/);
    const own = async (): Promise<string[]> =>
      (await world.berth.agents()).agents.filter(({ id }) => id.startsWith("opencode")).map(({ id }) => id);
    expect(await own()).toHaveLength(1);
    await plugin.event({ event: { type: "session.deleted", properties: { info: { id: "ses_77777777" } } } });
    expect(await own()).toEqual([]);
    // Without the command it is as if the plugin were not there.
    vi.stubEnv("PATH", join(world.box.dir, "nowhere"));
    await before("src/a.txt");
  } finally {
    vi.unstubAllEnvs();
  }
});
