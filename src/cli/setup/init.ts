import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Berth } from "../../open.ts";
import { CLIENT_NAMES } from "../../hook/event.ts";
import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, nextLines, warningNotes } from "../report.ts";
import { operand } from "../../shell-word.ts";
import type { Terminal } from "../terminal.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  options: {
    yes: { type: "flag", summary: "Ask nothing; take the defaults" },
    agent: {
      type: "text",
      value: "CLIENT",
      repeatable: true,
      choices: [...CLIENT_NAMES, "all"],
      summary: "Set up this agent client too; who is calling is said before init, or with BERTH_AGENT",
    },
  },
  writes: true,
  details: [
    "Makes the ledger branch on the hub (the remote origin, or this repository where there is none), shows it in the checkout, " +
      "and writes .berth/config.yaml. On a terminal it asks for the few settings that differ from project to project. Running " +
      "it again adds only what is missing.",
    "With --agent it also writes what makes an agent client call Berth by itself: its hooks, the MCP server, a section of AGENTS.md. What stands in these files stays, with its comments; `berth uninit` takes exactly that out again. " +
      "The entries call `berth`, which each member of the team has on the PATH.",
  ],
  examples: [
    { says: "with questions", line: "berth init" },
    { says: "in a script", line: "berth init --yes" },
    { says: "with two agent clients", line: "berth init --agent claude --agent codex" },
    { says: "see what the files of all clients would get", line: "berth init --agent all --dry-run" },
  ],
  run: async ({ options, dryRun, open, interactive, terminal, clearProgress }) => {
    const berth = await open();
    const settled = await isThere(settingsFile(berth));
    const agents = options.agent.flatMap((name) => (name === "all" ? CLIENT_NAMES : [name]));
    // Whatever is wrong with one of their files is found before anything is made.
    const files = agents.length === 0 ? null : await berth.setUpAgents({ agents, dryRun: true });
    if (dryRun) return dryRunResult({ plan: { ...(await planOf(berth, settled)), ...(files && { agents: files }) } });
    const asks = interactive && !options.yes && !settled;
    clearProgress();
    const settings = asks ? await (await import("./wizard.ts")).askSettings(terminal, berth.project.config) : {};
    const done = await berth.init(settings);
    const wired = files && (await berth.setUpAgents({ agents }));
    const made = done.created.length > 0;
    const next = [...(await stepsFor(wired, terminal)), ...(wired?.next ?? []), ...done.next];
    return {
      data: { ...done, next, ...(wired && { agents: wired.files }) },
      text: (page) =>
        [
          made ? page.style("bold", "Ready. Made now:") : page.style("bold", "Everything was there already."),
          ...done.created.map((place) => `  ${plain(place)}`),
          ...(wired === null ? [] : fileLines(wired.files)),
          ...nextLines(
            next.map((step) => [plain(step), ""] as const),
            page,
          ),
        ].join("\n"),
      brief: "",
      notes: warningNotes(done.warnings),
    };
  },
});

type Wired = Awaited<ReturnType<Berth["setUpAgents"]>>;

function fileLines(files: Wired["files"]): string[] {
  const said = { made: "made", changed: "added to", none: "has it" };
  return ["For agent clients:", ...files.map(({ path, change }) => `  ${said[change].padEnd(9)} ${plain(path)}`)];
}

/** What only this machine can tell: whether the command that the entries call is found. */
async function stepsFor(wired: Wired | null, { env }: Terminal): Promise<string[]> {
  if (wired === null) return [];
  const changed = wired.files.filter(({ change }) => change !== "none").map(({ path }) => operand(path));
  const add = changed.length === 0 ? [] : [`git add ${changed.join(" ")}`];
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const names = process.platform === "win32" ? ["berth.cmd", "berth.exe"] : ["berth"];
  const found = await Promise.all(folders.flatMap((folder) => names.map((name) => isThere(join(folder, name)))));
  if (found.includes(true)) return add;
  return ["npm install --global berth (the clients call `berth`, which is not on the PATH here)", ...add];
}

function settingsFile({ project }: Berth): string {
  return join(project.repository.mainTop ?? project.repository.commonDir, ".berth", "config.yaml");
}

/** What would be made, as far as this machine can see without asking the hub. */
async function planOf({ project }: Berth, settled: boolean): Promise<object> {
  const { config, hub, repository } = project;
  const home = repository.mainTop ?? repository.commonDir;
  return {
    hub: hub.name,
    ledger: `${config.ledger.branch}, unless the hub has it`,
    settings: settled ? "there already" : ".berth/config.yaml",
    folder: (await isThere(join(home, config.ledger.path))) ? "there already" : config.ledger.path,
    ignored: [config.ledger.path, config.workspace.worktrees, config.workspace.clones],
  };
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
