import { type Command, defineCommand } from "../command.ts";
import { dryRunResult, report } from "../report.ts";
import type { Page } from "../style.ts";
import { table } from "../table.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  arguments: {
    key: { summary: "A setting, with dots for what is inside another: landing.verify" },
    value: { summary: "Its new value, as in YAML; null for the default", prose: true },
  },
  writes: true,
  details: ["Settings are in .berth/config.yaml, which is committed like code. Comments and order of the file stay."],
  examples: [
    { says: "all settings, with their defaults", line: "berth config" },
    { says: "one", line: "berth config base" },
    { says: "what must pass before anything lands", line: 'berth config landing.verify "npm test"' },
  ],
  run: async ({ args, dryRun, open }) => {
    const berth = await open();
    const { key, value } = args;
    const answer = await berth.config({ key, value, dryRun });
    if (value !== undefined && dryRun) return dryRunResult({ plan: { key, ...answer } });
    return {
      data: { ...(key === undefined ? {} : { key }), ...answer },
      text: (page) => {
        if (key === undefined) return settingsTable(answer.value, page);
        if (value === undefined) return inWords(answer.value);
        return report(page, {
          headline: `${plain(key)} is now ${inWords(answer.value)}`,
          facts: [["file", answer.file]],
        });
      },
      ...(value === undefined ? {} : { brief: "" }),
    };
  },
});

/** Every setting under the key by which it is read and set. */
function settingsTable(settings: unknown, page: Page): string {
  return table(
    leaves(settings, []),
    [
      { title: "KEY", cell: ([key]) => key },
      { title: "VALUE", cell: ([, value]) => JSON.stringify(value), shrinks: true },
    ],
    page,
  );
}

function leaves(value: unknown, path: readonly string[]): (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [[path.join("."), value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

/** Text as it is, for scripts; anything else as YAML reads it. */
function inWords(value: unknown): string {
  return plain(typeof value === "string" ? value : JSON.stringify(value));
}
