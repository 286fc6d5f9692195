import type { Berth } from "../../open.ts";
import type { Invocation, Result } from "../command.ts";
import { editText, readStandardInput } from "../input.ts";
import { dryRunResult, report, warningNotes } from "../report.ts";
import { shortCommit } from "../text.ts";
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

/** What an entry would be added to; finding the workspace says whether there is one. */
export async function entryPlan(
  berth: Berth,
  session: string | undefined,
  file: string,
  text: string,
): Promise<Result> {
  const { path } = await berth.path({ id: session });
  return dryRunResult({ plan: { workspace: path, file, text } });
}

/** What `log`, `plan` and `learn` answer. */
export function entryResult(
  verb: string,
  written: {
    readonly entry: { readonly session: string; readonly file: string; readonly commit?: string | null };
    readonly warnings?: readonly string[];
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
          ["commit", commit ? shortCommit(commit) : null],
        ],
      }),
    brief: "",
    notes: warningNotes(written.warnings),
  };
}
