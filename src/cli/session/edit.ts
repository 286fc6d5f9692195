import { BerthError, isBerthError } from "../../errors.ts";
import { type Command, defineCommand, type Invocation, type Result } from "../command.ts";
import { editText, readStandardInput, readTextFile } from "../input.ts";
import { dryRunResult, report, warningNotes } from "../report.ts";
import { plain } from "../text.ts";
import { usageError } from "../usage-error.ts";
import { sessionArgument } from "./arguments.ts";

export const command: Command = defineCommand({
  arguments: { id: sessionArgument(["drafting", "planned"]) },
  options: {
    file: {
      type: "text",
      value: "F",
      summary: "Take the new text from this file, - for standard input",
      completes: { kind: "files" },
    },
    was: {
      type: "text",
      value: "F",
      summary: "The file that the new text was made from",
      completes: { kind: "files" },
    },
  },
  writes: true,
  details: [
    "Without --file the text is changed in VISUAL or EDITOR on a terminal, and read from standard input elsewhere. When " +
      "somebody else changed it while the editor was open nothing is written, and your text is kept in the file that the message names.",
    "A text from --file or standard input replaces the one before; name the file you started from with --was, and it is " +
      "refused when somebody changed that meanwhile. Whose text was replaced is said, and where it is.",
  ],
  examples: [
    { says: "in your editor", line: "berth edit 2026-11-21-limit-logins" },
    { says: "from a file", line: "berth edit 2026-11-21-limit-logins --file SESSION.md" },
    { says: "unless somebody else was faster", line: "berth edit 2026-11-21-limit-logins --file new.md --was old.md" },
  ],
  run: async (invocation) => {
    const { args, options, interactive, terminal, signal, folder } = invocation;
    const was = options.was === undefined ? {} : { was: await readTextFile(folder(), options.was) };
    if (options.file !== undefined && options.file !== "-") {
      return save(invocation, { id: args.id, text: await readTextFile(folder(), options.file), ...was });
    }
    if (options.file === undefined && interactive) return editByHand(invocation, args.id);
    if (options.file === undefined && terminal.stdin.isTTY === true) {
      throw usageError(
        "There is no text to save.",
        `Give it with: berth edit ${args.id} --file FILE (- for standard input)`,
      );
    }
    return save(invocation, { id: args.id, text: await readStandardInput(terminal, signal), ...was });
  },
});

async function save(
  { dryRun, open }: Pick<Invocation, "dryRun" | "open">,
  input: { readonly id: string; readonly text: string; readonly was?: string },
): Promise<Result> {
  if (input.text.trim() === "") {
    throw usageError("The new text is empty; nothing was changed.", `See the present one with: berth show ${input.id}`);
  }
  const berth = await open();
  const edited = await berth.edit({ ...input, dryRun });
  if ("plan" in edited) return dryRunResult(edited);
  const { id, title, state } = edited.session;
  return {
    data: { session: edited.session, warnings: edited.warnings },
    text: (page) =>
      report(page, {
        headline: `Saved ${page.style("bold", id)}: ${plain(title)}`,
        next: state === "drafting" ? [[`berth ready ${id}`, "let agents claim it"]] : [],
      }),
    brief: id,
    notes: warningNotes(edited.warnings),
  };
}

async function editByHand(
  invocation: Pick<Invocation, "dryRun" | "open" | "terminal" | "clearProgress">,
  id: string,
): Promise<Result> {
  const berth = await invocation.open();
  const before = await berth.edit({ id });
  if ("plan" in before) return dryRunResult(before);
  invocation.clearProgress();
  const draft = await editText(invocation.terminal, "SESSION.md", before.text);
  if (draft.text === before.text) {
    await draft.discard();
    return {
      data: { session: before.session, warnings: before.warnings },
      text: () => "Nothing was changed.",
      brief: id,
    };
  }
  try {
    const result = await save(invocation, { id, text: draft.text, was: before.text });
    await draft.discard();
    return result;
  } catch (error) {
    if (!isBerthError(error)) throw error;
    throw new BerthError(error.code, error.message, {
      hint: `Your text is kept in ${draft.file}; when it is corrected: berth edit ${id} --file ${draft.file}`,
      facts: { ...error.facts, file: draft.file },
      cause: error,
    });
  }
}
