import type { Result } from "./command.ts";
import { outline } from "./outline.ts";
import type { Page } from "./style.ts";
import { plain } from "./text.ts";

/** What a write would do, as `--dry-run` shows it. */
export function dryRunResult(data: { readonly plan: object; readonly warnings?: readonly string[] }): Result {
  return {
    data,
    text: (page) => `${page.style("bold", "Nothing was done. This would be:")}\n${outline(data.plan, page, "  ")}`,
    notes: warningNotes(data.warnings),
  };
}

/** Warnings as remarks on standard error. */
export function warningNotes(warnings: readonly string[] | undefined): readonly string[] {
  return (warnings ?? []).map((warning) => `warning: ${plain(warning)}`);
}

/** Commands with a word on why. */
export type Steps = readonly (readonly [command: string, why: string])[];

/** A headline with facts under it, and what to do next. */
export function report(
  page: Page,
  parts: {
    readonly headline: string;
    readonly facts?: readonly (readonly [label: string, value: string | null | undefined])[];
    readonly next?: Steps;
  },
): string {
  const facts = (parts.facts ?? []).flatMap(([label, value]) => (value ? [[label, plain(value)] as const] : []));
  const widest = Math.max(0, ...facts.map(([label]) => label.length));
  const lines = facts.map(([label, value]) => `  ${page.style("dim", label.padEnd(widest))}  ${value}`);
  return [parts.headline, ...lines, ...nextLines(parts.next ?? [], page)].join("\n");
}

/** What to do next, as lines. */
export function nextLines(steps: Steps, page: Page): string[] {
  if (steps.length === 0) return [];
  const width = Math.max(...steps.map(([command]) => command.length));
  const lines = steps.map(([command, why]) =>
    why === "" ? `  ${command}` : `  ${command.padEnd(width)}  ${page.style("dim", `# ${why}`)}`,
  );
  return [page.style("cyan", "next:"), ...lines];
}
