import { type Command, defineCommand } from "../command.ts";
import type { Page } from "../style.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  writes: true,
  details: [
    "Removes the settings, the shown ledger and Berth's own files of this clone. The ledger on the hub, all branches and " +
      "snapshots stay. Refused while there are workspaces or unpublished edits.",
  ],
  examples: [{ says: "see what would go", line: "berth uninit --dry-run" }],
  run: async ({ dryRun, open }) => {
    const berth = await open();
    const done = await berth.uninit({ dryRun });
    return {
      data: dryRun ? { plan: done } : done,
      text: (page) =>
        [
          ...listed(dryRun ? "Would be removed" : "Removed", done.removed, page),
          ...listed(dryRun ? "Would stay" : "Kept", done.kept, page),
        ].join("\n"),
      brief: done.removed.join("\n"),
    };
  },
});

function listed(title: string, places: readonly string[], page: Page): string[] {
  return [page.style("bold", title), ...places.map((place) => `  ${plain(place)}`)];
}
