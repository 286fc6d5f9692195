import { type Command, defineCommand } from "../command.ts";
import { warningNotes } from "../report.ts";
import type { Page } from "../style.ts";
import { plain } from "../text.ts";
import { problemLines, TICKET } from "./shown.ts";

export const command: Command = defineCommand({
  options: TICKET,
  details: [
    "Which context it is follows from where you stand: the workspace, the ticket's branch or folder, else the central one.",
  ],
  examples: [
    { says: "the context here", line: "berth context show" },
    { says: "for a program", line: "berth context show --json" },
  ],
  run: async ({ options, open }) => {
    const shown = await (await open()).contextShow({ ticket: options.ticket });
    return {
      data: shown,
      text: (page) =>
        [
          heading(shown, page),
          ...fields(shown.context, page),
          "",
          plainBody(shown.body),
          ...problemLines(shown.path, shown.problems, page),
        ]
          .join("\n")
          .trimEnd(),
      brief: shown.path,
      notes: warningNotes(shown.warnings),
    };
  },
});

function heading(
  { path, layout, format }: { readonly path: string; readonly layout: string; readonly format: string },
  page: Page,
): string {
  return `${page.style("bold", plain(path))} ${page.style("dim", `(${layout}, ${format})`)}`;
}

/** Keys in their order, each with its value in as few lines as it needs. */
function fields(context: Readonly<Record<string, unknown>>, page: Page): string[] {
  return Object.entries(context)
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
    .flatMap(([key, value]) => {
      const name = page.style("cyan", plain(key));
      if (!Array.isArray(value)) return [`${name}: ${one(value)}`];
      return [`${name}:`, ...value.map((item) => `  - ${one(item)}`)];
    });
}

function one(value: unknown): string {
  if (typeof value !== "object" || value === null) return plain(String(value));
  return Object.entries(value)
    .filter(([, inner]) => inner !== null)
    .map(([key, inner]) => `${plain(key)} ${one(inner)}`)
    .join(", ");
}

function plainBody(body: string): string {
  return body
    .trim()
    .split("\n")
    .map((line) => plain(line))
    .join("\n");
}
