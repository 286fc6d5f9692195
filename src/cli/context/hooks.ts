import { type Command, defineCommand } from "../command.ts";
import { dryRunResult } from "../report.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  arguments: { what: { summary: "install, uninstall, or nothing to see", choices: ["install", "uninstall"] } },
  writes: true,
  details: [
    "Commits whose contexts are not valid are refused, and those whose message the setting context.commits does not allow. A team's own hooks run as before, after Berth's. Workspaces have them by themselves.",
    "An older form, such as prose, may go on in its form, and the context for all may be given up; what was valid is not replaced by what is not, and the context of a ticket or session is not taken away.",
  ],
  examples: [
    { says: "in a repository that uses nothing else of Berth", line: "berth context hooks install" },
    { says: "as it was before", line: "berth context hooks uninstall" },
  ],
  run: async ({ args, dryRun, open }) => {
    const berth = await open();
    const state =
      args.what === "install"
        ? await berth.installHooks({ dryRun })
        : args.what === "uninstall"
          ? await berth.uninstallHooks({ dryRun })
          : await berth.hooksState({});
    if (dryRun && args.what !== undefined) return dryRunResult({ plan: state });
    return {
      data: state,
      text: () => `${state.installed ? "Installed" : "Not installed"}; the team's own are in ${plain(state.team)}`,
      brief: state.installed ? "installed" : "not installed",
    };
  },
});
