import type { Berth } from "../../open.ts";
import { type Command, defineCommand } from "../command.ts";
import { dryRunResult } from "../report.ts";
import type { Page } from "../style.ts";
import { table } from "../table.ts";
import { plain } from "../text.ts";
import { ago } from "../time.ts";
import { verbsOf } from "./arguments.ts";

export const command: Command = defineCommand({
  arguments: {
    path: {
      summary: "Files, folders or globs; all of them or none",
      required: true,
      repeatable: true,
      completes: { kind: "files" },
    },
  },
  options: {
    shared: { type: "flag", summary: "Beside others who share it; nobody has it alone meanwhile" },
    ttl: { type: "seconds", value: "S", summary: "How long it lasts without being renewed" },
    wait: { type: "seconds", value: "S", summary: "Wait in the queue for so long" },
    reason: { type: "text", summary: "What for, for those who come upon it" },
  },
  writes: true,
  details: [
    "Names of one file that differ (./x, links, capitals where the disk ignores them) are one lock. Locking again what you hold renews it. " +
      "A lock of another agent refuses, in whatever checkout it was taken. For `save` a lock that was taken in another checkout is a warning.",
  ],
  examples: [
    { says: "for a change across two places", line: 'berth lock src/api.ts "src/ui/**" --reason "new login"' },
    { says: "when it is free", line: "berth lock src/api.ts --wait 60" },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const berth = await open();
    const found = await verbsOf(berth, dryRun).lock({
      paths: args.path,
      mode: options.shared ? "shared" : "exclusive",
      ttlMs: options.ttl,
      waitMs: dryRun ? 0 : options.wait,
      reason: options.reason,
    });
    if (dryRun) return dryRunResult({ plan: found });
    const { name, named } = berth.project.caller;
    return {
      data: found,
      text: (page) => lockTable(found.locks, page),
      notes: named
        ? []
        : [
            `note: ${plain(name)} is the git user: agents that say no name of their own (BERTH_AGENT) share these locks`,
          ],
      brief: found.locks.map(({ fence }) => String(fence)).join("\n"),
    };
  },
});

export type LockRow = Awaited<ReturnType<Berth["lock"]>>["locks"][number];

export function lockTable(rows: readonly LockRow[], page: Page): string {
  return table(
    rows,
    [
      {
        title: "PATH",
        cell: (row) => plain(row.kind === "folder" ? `${row.path}/` : row.path),
        paint: (text) => page.style("bold", text),
      },
      { title: "AGENT", cell: (row) => plain(row.agent) },
      { title: "MODE", cell: (row) => row.mode },
      { title: "SINCE", cell: (row) => ago(row.grantedAt, page.now) },
      { title: "UNTIL", cell: (row) => row.expiresAt.slice(11, 19) },
      { title: "REASON", cell: (row) => plain(row.reason ?? ""), shrinks: true },
    ],
    page,
  );
}
