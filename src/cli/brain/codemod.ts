import type { Berth } from "../../open.ts";
import { type Command, defineCommand } from "../command.ts";
import { nextLines } from "../report.ts";
import type { Page } from "../style.ts";
import { plain, plainBlock } from "../text.ts";

export const command: Command = defineCommand({
  arguments: {
    dir: { summary: "The folder with the calling code", required: true, completes: { kind: "folders" } },
  },
  options: {
    write: { type: "flag", summary: "Write the changes; without it they are only shown" },
    from: {
      type: "text",
      value: "MODULE",
      repeatable: true,
      summary: "A file below the folder, or a specifier, that is the old module as well",
    },
    to: { type: "text", value: "MODULE", summary: "The new module; berth/session-state without it" },
  },
  writes: true,
  details: [
    "Finds the module that offered getCurrentSessionId and its like by what it exports, follows it through aliases, " +
      "namespaces, re-exports, require and import(), and rewrites what is safe: ids that nobody needs go, with their " +
      "imports, and what is still there comes from the new module. Everything else is listed with its place, the " +
      "reason, and what to do by hand.",
    "What git ignores, node_modules and links are left out. The old module itself stays until you remove it.",
    "Exit code 1 means that something is left for a person, or that a file was left out.",
  ],
  examples: [
    { says: "see what would be done", line: "berth brain codemod src" },
    { says: "do it", line: "berth brain codemod src --write" },
    { says: "a module that is imported by an alias", line: "berth brain codemod src --from @/services/session" },
  ],
  run: async ({ args, options, dryRun, open }) => {
    const { dir } = args;
    const write = options.write && !dryRun;
    const { report } = await (await open()).brainCodemod({ dir, from: options.from, to: options.to, write });
    const unfinished = report.left.length + report.skipped.length > 0;
    return {
      data: { report },
      text: (page) => [...shown(report, page), ...next(report, dir, page)].join("\n"),
      brief: report.changed.map(({ path }) => plain(path)).join("\n"),
      exitCode: unfinished ? 1 : 0,
    };
  },
});

type Report = Awaited<ReturnType<Berth["brainCodemod"]>>["report"];

function shown(report: Report, page: Page): string[] {
  const { changed, left, skipped, written } = report;
  const diffs = changed.flatMap(({ diff }) => plainBlock(diff).trimEnd().split("\n"));
  return [
    ...diffs.map((line) => painted(line, page)),
    page.style("bold", headline(changed.length, written)),
    ...(left.length > 0 ? [page.style("yellow", `${left.length} left for you:`)] : []),
    ...left.flatMap(({ path, line, column, what, why, todo }) => [
      `  ${page.style("cyan", `${plain(path)}:${line}:${column}`)}  ${plain(what)}`,
      `    ${plain(why)}. ${page.style("dim", plain(todo))}`,
    ]),
    ...skipped.map(({ path, why }) => `  ${page.style("cyan", plain(path))}  left alone: ${plain(why)}`),
    ...oldModule(report),
  ];
}

function painted(line: string, page: Page): string {
  if (/^(?:---|\+\+\+) /.test(line)) return page.style("bold", line);
  if (line.startsWith("+")) return page.style("green", line);
  return line.startsWith("-") ? page.style("red", line) : line;
}

function headline(count: number, written: boolean): string {
  if (count === 0) return "Nothing is to be changed.";
  const files = count === 1 ? "1 file" : `${count} files`;
  return written ? `${files} changed.` : `Nothing was written. ${files} would be changed.`;
}

function oldModule({ modules, users, files }: Report): string[] {
  if (modules.length === 0)
    return [`None of ${files} files offers the removed functions; name it with --from if it does.`];
  const names = modules.map(plain).join(", ");
  if (users.length === 0) return [`Nothing else needs the old module: ${names}`];
  return [`The old module (${names}) is still needed by ${users.map(plain).join(", ")}`];
}

function next({ changed, written }: Report, dir: string, page: Page): string[] {
  if (changed.length === 0 || written) return [];
  return nextLines([[`berth brain codemod ${plain(dir)} --write`, "write it"]], page);
}
