import type { Berth } from "../../open.ts";
import { type Command, defineCommand, type Result } from "../command.ts";
import { dryRunResult, report } from "../report.ts";
import type { Page } from "../style.ts";
import { plain } from "../text.ts";
import { usageError } from "../usage-error.ts";
import { claimedResult } from "./claimed.ts";

export const command: Command = defineCommand({
  arguments: {
    id: {
      summary: "One session; without it all that are claimed",
      completes: { kind: "sessions", states: ["active"] },
    },
  },
  options: {
    takeOver: { type: "flag", summary: "Take the session over, with a new workspace on top of the old work" },
    force: {
      type: "flag",
      summary: "With --take-over: although its holder is not shown to be gone. A person's decision",
    },
  },
  writes: true,
  details: [
    "Without --take-over it only looks. A take-over first keeps what the old workspace holds, then raises the epoch: the old " +
      "holder can publish nothing any more, and is told where its work is. In the new workspace `berth context handoff` tells " +
      "what it left. A holder that is shown dead is replaced by anybody: the process that it named ended on this machine, or " +
      "before this machine was started again; nobody is at work in its workspace, and nothing changed there or was published " +
      "since. Silence alone never shows it, nor does a clock that was set or a word from another machine: then, and wherever " +
      "nothing can be told, a person decides (--force).",
  ],
  examples: [
    { says: "who is still there", line: "berth recover" },
    {
      says: "go on with the work of an agent that has died",
      line: "berth recover 2026-11-21-limit-logins --take-over",
    },
    {
      says: "or of one that only you know to be gone",
      line: "berth recover 2026-11-21-limit-logins --take-over --force",
    },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const { id } = args;
    if (options.takeOver && id === undefined) {
      throw usageError("berth recover --take-over needs ID.", "See which sessions are claimed with: berth recover");
    }
    if (options.force && !options.takeOver)
      throw usageError("--force goes with --take-over.", "See: berth recover --help");
    const berth = await open();
    const found = await berth.recover({ id, takeOver: options.takeOver, force: options.force, dryRun });
    if ("plan" in found) return dryRunResult(found);
    return "sessions" in found ? lookResult(found) : claimedResult("Took over", found);
  },
});

type Holders = Extract<Awaited<ReturnType<Berth["recover"]>>, { readonly sessions: unknown }>;

function lookResult(found: Holders): Result {
  const { sessions } = found;
  return {
    data: found,
    text: (page) =>
      sessions.length === 0
        ? "No session is claimed."
        : sessions.map((session) => holderText(session, page)).join("\n\n"),
    brief: sessions.map(({ id }) => id).join("\n"),
  };
}

const TONES = { live: "green", suspect: "yellow", unknown: "yellow", dead: "red" } as const;

function holderText(holder: Holders["sessions"][number], page: Page): string {
  const tone = TONES[holder.state];
  return report(page, {
    headline: `${page.style(tone, holder.state)}  ${page.style("bold", holder.id)}, held by ${plain(holder.holder ?? "somebody, by hand")}`,
    facts: [
      ...holder.evidence.map((line, at) => [at === 0 ? "seen" : "", line] as const),
      [
        "not saved",
        holder.unsaved ? `${holder.unsaved} ${holder.unsaved === 1 ? "file" : "files"}, not committed` : null,
      ],
      ["snapshot", holder.checkpoint],
      ["next", holder.next ?? "nothing: its holder is there"],
    ],
  });
}
