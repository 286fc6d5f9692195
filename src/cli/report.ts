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

/** A headline with facts under it, and what to do next. */
export function report(
  page: Page,
  parts: {
    readonly headline: string;
    readonly facts?: readonly (readonly [label: string, value: string | null | undefined])[];
    readonly next?: readonly (readonly [command: string, why: string])[];
  },
): string {
  const facts = (parts.facts ?? []).flatMap(([label, value]) => (value ? [[label, plain(value)] as const] : []));
  const next = parts.next ?? [];
  const lines = [parts.headline];
  const widest = Math.max(0, ...facts.map(([label]) => label.length));
  for (const [label, value] of facts) lines.push(`  ${page.style("dim", label.padEnd(widest))}  ${value}`);
  if (next.length > 0) {
    const width = Math.max(...next.map(([command]) => command.length));
    lines.push(page.style("cyan", "next:"));
    for (const [command, why] of next) {
      lines.push(why === "" ? `  ${command}` : `  ${command.padEnd(width)}  ${page.style("dim", `# ${why}`)}`);
    }
  }
  return lines.join("\n");
}

/** A commit as people name it. */
export function shortCommit(commit: string): string {
  return plain(commit).slice(0, 10);
}

/** A word for a shell, quoted where it must be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
