import type { Berth } from "../../open.ts";
import { type Command, defineCommand } from "../command.ts";
import { wholeNumber } from "../live/arguments.ts";
import type { Page } from "../style.ts";
import { fit, plain, shortCommit } from "../text.ts";
import { ago } from "../time.ts";
import { TICKET } from "./shown.ts";

type Entry = Awaited<ReturnType<Berth["contextHistory"]>>["entries"][number];
type Change = Entry["changes"][number];

export const command: Command = defineCommand({
  options: { limit: { type: "text", value: "N", summary: "How many at most; 20 without it" }, ...TICKET },
  details: [
    "Who changed what of the context, and when, from git's history: each value before and after. What is not committed yet comes first. Versions that cannot be read are told.",
  ],
  examples: [
    { says: "the last changes", line: "berth context history --limit 5" },
    { says: "for a program", line: "berth context history --json" },
  ],
  run: async ({ options, open }) => {
    const limit = wholeNumber(options.limit, "--limit");
    const found = await (await open()).contextHistory({ limit, ticket: options.ticket });
    return {
      data: found,
      text: (page) =>
        found.entries.length === 0
          ? "Nothing was ever committed of it."
          : found.entries.map((entry) => entryText(entry, page)).join("\n"),
      brief: found.entries
        .map(({ commit }) => commit ?? "")
        .filter(Boolean)
        .join("\n"),
    };
  },
});

function entryText(entry: Entry, page: Page): string {
  const { commit, author, at, subject, changes, body, problem } = entry;
  const head =
    commit === null
      ? page.style("yellow", "not committed")
      : [
          page.style("yellow", shortCommit(commit)),
          plain(author?.name ?? ""),
          page.style("dim", ago(at, page.now)),
          plain(subject ?? ""),
        ].join("  ");
  const lines = [
    ...(problem === null ? [] : [page.style("red", `could not be read: ${plain(problem)}`)]),
    ...changes.map((change) => changeText(change, page)),
    ...(body ? ["the text below the keys"] : []),
  ];
  return [head, ...lines.map((line) => `  ${line}`)].join("\n");
}

function changeText({ key, before, after }: Change, page: Page): string {
  const name = page.style("cyan", plain(key));
  if (Array.isArray(before) && Array.isArray(after)) {
    const [old, now] = [before, after].map((list) => new Set(list.map((item) => JSON.stringify(item))));
    const added = after.filter((item) => !old?.has(JSON.stringify(item))).map((item) => `+ ${valueText(item)}`);
    const gone = before.filter((item) => !now?.has(JSON.stringify(item))).map((item) => `- ${valueText(item)}`);
    if (added.length + gone.length > 0) return `${name}: ${[...gone, ...added].join("  ")}`;
  }
  if (before === undefined) return `${name}: ${valueText(after)}`;
  return `${name}: ${valueText(before)} -> ${after === undefined ? "(removed)" : valueText(after)}`;
}

function valueText(value: unknown): string {
  return fit(plain(typeof value === "string" ? value : JSON.stringify(value)), 160);
}
