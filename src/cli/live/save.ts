import type { Berth } from "../../open.ts";
import { operand } from "../../shell-word.ts";
import { type Command, defineCommand } from "../command.ts";
import { readStandardInput } from "../input.ts";
import { dryRunResult, warningNotes } from "../report.ts";
import type { Page } from "../style.ts";
import { plain, plainBlock } from "../text.ts";
import { usageError } from "../usage-error.ts";
import { verbsOf } from "./arguments.ts";

export const command: Command = defineCommand({
  arguments: { path: { summary: "The file", required: true, completes: { kind: "files" } } },
  options: {
    base: {
      type: "text",
      value: "HASH",
      summary:
        "What the text was made from: the hash of the last save, of git hash-object or sha256sum; none: a new file",
    },
    hash: { type: "flag", summary: "Print the hash of the file as it is, and save nothing" },
    resolve: { type: "flag", summary: "The text decides the conflicts that are open in this file" },
  },
  writes: true,
  details: [
    "The text comes from standard input. What others wrote meanwhile is merged by line. Where the same lines were changed, " +
      "and at any concurrent change of a file that `live.critical` names, the file stays as it is, both texts are kept, both " +
      "writers are told, and the exit code is 4. The one who was refused decides by saving upon the new hash, everybody else with --resolve.",
    "A path that another agent has locked in this checkout is refused; a lock in another workspace is a warning.",
  ],
  examples: [
    { says: "what you start from", line: "berth save src/api.ts --hash" },
    { says: "save", line: "berth save src/api.ts --base sha256:3f… < new.ts" },
  ],
  run: async ({ args, options, dryRun, open, terminal, signal }) => {
    const { path } = args;
    if (options.hash) {
      const found = await (await open()).fileHash({ path });
      return { data: found, text: () => found.hash ?? "none" };
    }
    if (options.base === undefined)
      throw usageError(
        "Say what the text was made from.",
        `Take the hash with: berth save ${operand(path, "--hash")}; none for a new file`,
      );
    if (terminal.stdin.isTTY === true)
      throw usageError(
        "The text is read from standard input.",
        `For example: berth save ${operand(path, "--base HASH")} < FILE`,
      );
    const text = await readStandardInput(terminal, signal, { exact: true });
    const { base, resolve } = options;
    const saved = await verbsOf(await open(), dryRun).saveFile({ path, base, text, resolve, dryRun });
    if (dryRun) return dryRunResult({ plan: saved, warnings: saved.warnings });
    return {
      data: saved,
      text: (page) => savedText(saved, page),
      brief: saved.hash ?? "none",
      notes: warningNotes(saved.warnings),
      ...(saved.conflict === null ? {} : { exitCode: 4 as const }),
    };
  },
});

type Saved = Awaited<ReturnType<Berth["saveFile"]>>;

function savedText({ path, hash, merged, conflict }: Saved, page: Page): string {
  if (conflict === null)
    return `Saved ${plain(path)}${merged ? ", merged with what others wrote" : ""}.\n${hash ?? ""}`;
  const why = {
    overlap: "the same lines were changed",
    critical: "it was changed meanwhile, and is named critical",
    "unknown-base": "it was changed meanwhile, and nobody knows what you started from",
    deleted: "it was deleted meanwhile",
    added: "somebody else has made it meanwhile",
  }[conflict.reason];
  const parts = conflict.lines.map(({ from, to, function: name, ours, theirs }) => {
    const where = `${from === to ? `line ${from}` : `lines ${from} to ${to}`}${name === null ? "" : ` in ${plain(name)}`}`;
    const sides = [side("green", "=", ours, page), side("red", "?", theirs, page)];
    return [`  ${page.style("bold", where)}`, ...sides.filter((text) => text !== "")].join("\n");
  });
  const stays =
    conflict.reason === "deleted"
      ? "It stays deleted"
      : `It stays as ${plain(conflict.oursBy ?? "somebody")} left it (=)`;
  return [
    `${page.style("red", "Not saved")}: ${plain(path)}: ${why}. ${stays}; your text (?) is kept.`,
    ...parts,
    `${page.style("cyan", "next:")} merge them, then: berth save ${operand(path, `--base ${hash ?? "none"}`)} < FILE`,
    `      your whole text: git show ${conflict.kept}`,
  ].join("\n");
}

/** One text of a conflict; nothing where it has no line. */
function side(tone: "green" | "red", mark: string, text: string, page: Page): string {
  if (text === "") return "";
  const lines = plainBlock(text).replace(/\n$/, "").split("\n");
  return page.style(tone, lines.map((line) => `    ${mark} ${line}`).join("\n"));
}
