import { type Invocation, type Result } from "../command.ts";
import { editText, readStandardInput } from "../input.ts";
import { report, shortCommit, warningNotes } from "../report.ts";
import { usageError } from "../usage-error.ts";

/** The text of an entry: as given, else from standard input, else from an editor. */
export async function entryText(
  {
    interactive,
    terminal,
    signal,
    clearProgress,
  }: Pick<Invocation, "interactive" | "terminal" | "signal" | "clearProgress">,
  given: string | undefined,
  example: string,
): Promise<string> {
  if (given !== undefined) return given;
  if (terminal.stdin.isTTY !== true) return readStandardInput(terminal, signal);
  if (!interactive) throw usageError("There is no text to write down.", `For example: ${example}`);
  clearProgress();
  const draft = await editText(terminal, "entry.md", "");
  await draft.discard();
  return draft.text;
}

/** What `log`, `plan` and `learn` answer. */
export function entryResult(
  verb: string,
  written: {
    readonly entry: { readonly session: string; readonly file: string; readonly commit: string | null };
    readonly warnings: readonly string[];
  },
): Result {
  const { session, file, commit } = written.entry;
  return {
    data: written,
    text: (page) =>
      report(page, {
        headline: `${verb} ${page.style("bold", session)}`,
        facts: [
          ["file", file],
          ["commit", commit === null ? null : shortCommit(commit)],
        ],
      }),
    brief: "",
    notes: warningNotes(written.warnings),
  };
}
