import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Berth } from "../../open.ts";
import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, nextLines, warningNotes } from "../report.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  options: { yes: { type: "flag", summary: "Ask nothing; take the defaults" } },
  writes: true,
  details: [
    "Makes the ledger branch on the hub (the remote origin, or this repository where there is none), shows it in the checkout, " +
      "and writes .berth/config.yaml. On a terminal it asks for the few settings that differ from project to project. Running " +
      "it again adds only what is missing.",
  ],
  examples: [
    { says: "with questions", line: "berth init" },
    { says: "in a script", line: "berth init --yes" },
  ],
  run: async ({ options, dryRun, open, interactive, terminal, clearProgress }) => {
    const berth = await open();
    const settled = await isThere(settingsFile(berth));
    if (dryRun) return dryRunResult({ plan: await planOf(berth, settled) });
    const asks = interactive && !options.yes && !settled;
    clearProgress();
    const settings = asks ? await (await import("./wizard.ts")).askSettings(terminal, berth.project.config) : {};
    const done = await berth.init(settings);
    const made = done.created.length > 0;
    return {
      data: done,
      text: (page) =>
        [
          made ? page.style("bold", "Ready. Made now:") : page.style("bold", "Everything was there already."),
          ...done.created.map((place) => `  ${plain(place)}`),
          ...nextLines(
            done.next.map((step) => [plain(step), ""] as const),
            page,
          ),
        ].join("\n"),
      brief: "",
      notes: warningNotes(done.warnings),
    };
  },
});

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
