import { type Command, defineCommand } from "../command.ts";
import type { Page } from "../style.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  options: { fix: { type: "flag", summary: "Mend what can be mended without touching anybody's work" } },
  details: ["Exits with 1 when something is wrong; each finding says what to do."],
  examples: [
    { says: "look", line: "berth doctor" },
    { says: "mend", line: "berth doctor --fix" },
  ],
  run: async ({ options, open }) => {
    const berth = await open();
    const { checks } = await berth.doctor({ fix: options.fix });
    const wrong = checks.filter(({ ok }) => !ok);
    return {
      data: { checks },
      text: (page) =>
        [...checks.flatMap((check) => checkLines(check, page)), "", verdict(wrong.length, page)].join("\n"),
      brief: wrong.map(({ name }) => name).join("\n"),
      exitCode: wrong.length === 0 ? 0 : 1,
    };
  },
});

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix: string | null;
}

function checkLines({ name, ok, detail, fix }: Check, page: Page): string[] {
  const mark = ok ? page.style("green", "ok   ") : page.style("red", "wrong");
  const line = `${mark}  ${page.style("bold", name.padEnd(16))} ${plain(detail)}`;
  return fix === null ? [line] : [line, `${" ".repeat(24)}${page.style("cyan", "next:")} ${plain(fix)}`];
}

function verdict(wrong: number, page: Page): string {
  if (wrong === 0) return page.style("green", "Nothing is wrong.");
  return page.style("red", wrong === 1 ? "One thing is wrong." : `${wrong} things are wrong.`);
}
