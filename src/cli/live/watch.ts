import type { Berth } from "../../open.ts";
import { type Command, defineCommand } from "../command.ts";
import { openScreen } from "../screen.ts";
import { beginSpan, ended, FOR, printEach } from "../stream.ts";
import { isLive, type Page } from "../style.ts";
import type { Terminal } from "../terminal.ts";
import { plain } from "../text.ts";
import { wholeNumber } from "./arguments.ts";
import { statusText } from "./status.ts";

const LATEST = 5;
/** Changes that come together are painted together. */
const SETTLE_MS = 100;
/** How long ago something was changes without any event. */
const AGE_MS = 2000;

export const command: Command = defineCommand({
  options: {
    after: { type: "text", value: "SEQ", summary: "Begin after this change, to miss none between two calls" },
    ...FOR,
  },
  fetches: true,
  details: [
    "On a terminal the screen of status, repainted at every change. Elsewhere, and with --json, a JSON line for each change " +
      "of anything that status shows: seq, at, kind, subject, agent, data. With --fetch the hub is asked every ten seconds.",
  ],
  examples: [
    { says: "on a terminal", line: "berth watch" },
    { says: "for a program, for one minute", line: "berth watch --json --for 60" },
  ],
  run: async ({ options, fetch, json, open, terminal, signal, printLine, clearProgress }) => {
    const berth = await open();
    const span = beginSpan(signal, options.for);
    try {
      const changes = await berth.watch({ after: wholeNumber(options.after, "--after"), fetch, signal: span.signal });
      clearProgress();
      if (json || !isLive(terminal.stdout, terminal.env)) await printEach(changes, printLine);
      else await repaint(berth, changes, terminal, span.signal);
    } finally {
      span.clear();
    }
    return ended(signal);
  },
});

type Changes = Awaited<ReturnType<Berth["watch"]>>;
type Change = Changes extends AsyncGenerator<infer Item> ? Item : never;

/** Paints the status at once, soon after every change, and now and then because time goes on. */
async function repaint(berth: Berth, changes: Changes, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const latest: Change[] = [];
  let wake = (): void => undefined;
  const follow = async (): Promise<void> => {
    for await (const change of changes) {
      latest.unshift(change);
      latest.splice(LATEST);
      wake();
    }
  };
  const following = follow();
  const screen = openScreen(terminal);
  try {
    while (!signal.aborted) {
      const changed = new Promise<void>((resolve) => (wake = resolve));
      const found = await berth.status({});
      screen.paint((page) => [head(page), statusText(found, page), ...latestLines(latest, page)].join("\n\n"));
      await Promise.race([changed, following, pause(AGE_MS, signal)]);
      await pause(SETTLE_MS, signal);
    }
  } finally {
    screen.end();
  }
  await following;
}

function head(page: Page): string {
  const time = new Date(page.now).toISOString().slice(11, 19);
  return `${page.style("bold", "berth watch")}  ${page.style("dim", `${time} UTC · Ctrl-C ends it`)}`;
}

function latestLines(latest: readonly Change[], page: Page): string[] {
  if (latest.length === 0) return [];
  const lines = latest.map(
    ({ at, kind, subject, agent }) =>
      `  ${page.style("dim", at.slice(11, 19))}  ${kind}  ${plain(subject)}${agent === null ? "" : page.style("dim", `  ${plain(agent)}`)}`,
  );
  return [`${page.style("bold", "Latest")}\n${lines.join("\n")}`];
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}
