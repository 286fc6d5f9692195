import type { Page } from "../style.ts";
import type { Result } from "../command.ts";
import { dryRunResult, nextLines, report, type Steps, warningNotes } from "../report.ts";
import { plain } from "../text.ts";

/** What is told of a claim that was given up: its outcome, or the plan of a dry run. */
export interface GivenUp {
  readonly session: { readonly id: string; readonly title: string };
  readonly kept: readonly string[];
  readonly workspaceRemoved: boolean;
  readonly warnings: readonly string[];
}

/** What `release` and `abandon` answer: above all, where the work is kept. */
export function endedResult(
  word: string,
  ended: GivenUp | { readonly plan: object },
  next: (id: string) => Steps,
): Result {
  if ("plan" in ended) return dryRunResult(ended);
  const { session, kept } = ended;
  return {
    data: ended,
    text: (page) =>
      [
        report(page, {
          headline: `${word} ${page.style("bold", session.id)}: ${plain(session.title)}`,
          facts: [["workspace", ended.workspaceRemoved ? "removed; nothing in it was unsaved" : null]],
        }),
        ...keptLines(kept, page),
        ...nextLines(next(session.id), page),
      ].join("\n"),
    brief: kept.join("\n"),
    notes: warningNotes(ended.warnings),
  };
}

/** Commits, references and files that hold what was not landed. */
export function keptLines(kept: readonly string[], page: Page): string[] {
  return kept.map((place, at) => `  ${page.style("dim", at === 0 ? "kept     " : "         ")}  ${plain(place)}`);
}
