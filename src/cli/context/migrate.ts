import type { Berth } from "../../open.ts";
import { type Command, defineCommand } from "../command.ts";
import { nextLines, warningNotes } from "../report.ts";
import type { Page } from "../style.ts";
import { plain, shortCommit } from "../text.ts";

export const command: Command = defineCommand({
  options: {
    to: { type: "text", choices: ["central", "tickets", "sessions"], summary: "The layout to move to" },
    from: {
      type: "text",
      value: "PLACE",
      repeatable: true,
      completes: { kind: "files" },
      summary: "A folder or file to take; without it, where contexts usually are",
    },
    only: { type: "text", value: "TICKET", repeatable: true, summary: "Only this one, <phase>_<issue>" },
    rollback: { type: "text", value: "RUN", summary: "Take a run back, to the exact bytes" },
  },
  writes: true,
  details: [
    "Takes contexts of the other layouts, and older ones: blocks of YAML below headings, prose, JSON, key=value, front " +
      "matter with other keys, CURRENT_STATE.md and NEXT_TASKS.md with handoff notes, folders of Agent Sessions, and " +
      "boards with a section per session. Prose stays whole; what is certain in it becomes fields.",
    "A run is one commit with a manifest. Before the branch has it, it is proven that every byte of the sources is in " +
      "what was made or in the archive (_legacy/). What is broken stays untouched, and ends with exit code 1; so does a " +
      "roll-back that has to leave something, because somebody changed it since.",
    "Of the central layout, and of a workspace, there is one place: one piece of work goes there, the others stay where " +
      "they are. Moving back restores the very bytes where nothing changed since. The context of a session at work stays " +
      "where it is, unless it is named: --from .session",
  ],
  examples: [
    { says: "see what would be done", line: "berth migrate --to tickets --dry-run" },
    { says: "one ticket at a time", line: "berth migrate --to tickets --only training_142" },
    { says: "a folder of notes", line: "berth migrate --to tickets --from notes/old --only training_142" },
    { says: "back to what it was", line: "berth migrate --rollback tickets-0123456789ab" },
  ],
  run: async ({ options, dryRun, open }) => {
    const done = await (await open()).migrate({ ...options, dryRun });
    const { warnings, ...data } = done;
    const broken = done.plan.some(({ action }) => action === "broken");
    return {
      data: { ...data, warnings },
      text: (page) =>
        [
          headline(done, { dryRun, back: options.rollback !== undefined }, page),
          ...done.plan.map((step) => line(step, page)),
          ...(options.rollback === undefined ? next(done, page) : []),
        ].join("\n"),
      brief: done.run ?? "",
      notes: warningNotes(warnings),
      exitCode: broken || done.left.length > 0 ? 1 : 0,
    };
  },
});

type Done = Awaited<ReturnType<Berth["migrate"]>>;

function headline(
  { run, commit, checked, left }: Done,
  { dryRun, back }: { readonly dryRun: boolean; readonly back: boolean },
  page: Page,
): string {
  if (run === null) return "There is nothing to move.";
  if (dryRun) return page.style("bold", `Nothing was done. ${plain(run)} would be:`);
  if (commit === null && left.length > 0)
    return page.style(
      "yellow",
      `Nothing of ${plain(run)} can be taken back now: ${paths(left.length)} stay as they are.`,
    );
  if (commit === null) return `Nothing was to be done for ${plain(run)}.`;
  const files = checked?.files ?? 0;
  const rest = left.length === 0 ? "" : `, ${paths(left.length)} left as they are`;
  const said = back ? `taken back, ${paths(files)} as they were${rest}` : `nothing of ${files} sources is missing`;
  return page.style("green", `${plain(run)}: commit ${shortCommit(commit)}, ${said}.`);
}

function paths(count: number): string {
  return count === 1 ? "1 path" : `${count} paths`;
}

function line({ action, name, from, to, reason }: Done["plan"][number], page: Page): string {
  const what = `  ${page.style("cyan", action.padEnd(7))}  ${plain(name ?? "")}`.trimEnd();
  const places = `${from.map(plain).join(", ")}${to.length > 0 ? ` -> ${to.map(plain).join(", ")}` : ""}`;
  return `${what}  ${places}${reason === null ? "" : page.style("dim", `  (${plain(reason)})`)}`;
}

function next({ run, commit }: Done, page: Page): string[] {
  if (run === null || commit === null) return [];
  return nextLines(
    [
      ["berth context validate", "see what the contexts lack"],
      [`berth migrate --rollback ${plain(run)}`, "take it back"],
    ],
    page,
  );
}
