import type { Berth } from "../../open.ts";
import { type Command, defineCommand, type Invocation, type Result } from "../command.ts";
import { openScreen } from "../screen.ts";
import { ledgerNote } from "../session/ledger-age.ts";
import { beginSpan, ended, FOR } from "../stream.ts";
import { isLive, type Page } from "../style.ts";
import { type Column, table } from "../table.ts";
import { plain } from "../text.ts";

export const command: Command = defineCommand({
  arguments: {
    id: {
      summary: "Only pairs with one of these sessions",
      repeatable: true,
      completes: { kind: "sessions", states: ["active"] },
    },
  },
  options: {
    base: { type: "flag", summary: "Only each session against the base branch" },
    watch: { type: "flag", summary: "Go on, and tell what changes" },
    ...FOR,
  },
  fetches: true,
  details: [
    "Compares all active sessions as they are now, files that are not committed included, each with each other and with the " +
      "base branch. Nothing is changed. Both agents are told of a new conflict once. Of sessions that are worked on other " +
      "machines only what they pushed is known. Exit 4 where anything conflicts.",
    "With --watch a terminal shows the matrix, repainted at every change; elsewhere, and with --json, it is a JSON line " +
      "for each pair that conflicts newly, differently, or no more.",
  ],
  examples: [
    { says: "who would conflict with whom", line: "berth conflicts" },
    {
      says: "one session, against what others pushed just now",
      line: "berth conflicts 2026-11-21-limit-logins --fetch",
    },
    { says: "for a program, as it happens", line: "berth conflicts --watch --json" },
  ],
  run: async (call) => {
    const { args, options, fetch, open, terminal } = call;
    const berth = await open();
    const input = { ids: args.id, base: options.base, fetch };
    if (options.watch) return watch(berth, input, call, options.for);
    const found = await berth.conflicts(input);
    return {
      data: found,
      text: (page) => conflictsText(found, page),
      brief: found.pairs.flatMap(({ a, b, files }) => files.map((path) => `${a} ${b} ${plain(path)}`)).join("\n"),
      notes: [...found.warnings.map((text) => `warning: ${plain(text)}`), ...ledgerNote(found.ledger, terminal)],
      exitCode: found.pairs.length > 0 ? 4 : 0,
    };
  },
});

type Found = Awaited<ReturnType<Berth["conflicts"]>>;
type Pair = Found["pairs"][number];
type Input = Parameters<Berth["conflicts"]>[0];
type Watching = Pick<Invocation, "json" | "terminal" | "signal" | "printLine" | "clearProgress">;

async function watch(berth: Berth, input: Input, call: Watching, ms: number | undefined): Promise<Result> {
  const { json, terminal, signal, printLine, clearProgress } = call;
  const span = beginSpan(signal, ms);
  const news = await berth.watchConflicts({ ...input, signal: span.signal });
  clearProgress();
  const screen = json || !isLive(terminal.stdout, terminal.env) ? null : openScreen(terminal);
  try {
    for await (const { result, changes } of news) {
      if (screen) screen.paint((page) => [head(page), conflictsText(result, page)].join("\n\n"));
      else
        for (const { at, kind, pair } of changes) if (!(await printLine({ at, kind, ...pair }))) return ended(signal);
    }
  } finally {
    screen?.end();
    span.clear();
  }
  return ended(signal);
}

function head(page: Page): string {
  const time = new Date(page.now).toISOString().slice(11, 19);
  return `${page.style("bold", "berth conflicts")}  ${page.style("dim", `${time} UTC · Ctrl-C ends it`)}`;
}

/** The matrix, then each pair that conflicts with its files and lines, then what is to be known of how it was seen. */
function conflictsText(found: Found, page: Page): string {
  const { sessions, pairs, unknown, compared } = found;
  if (sessions.length === 0) return "No session is active.";
  const counted = `${count(sessions.length, "active session")}, ${count(compared.pairs, "pair")}`;
  const headline =
    pairs.length === 0
      ? `${page.style("green", "No conflicts")} among ${counted}.`
      : `${page.style("red", count(pairs.length, "conflict"))} among ${counted}.`;
  return [
    headline,
    matrix(found, page),
    ...pairs.map((pair) => pairText(pair, page)),
    ...unknown.map(({ a, b, why }) => `${plain(a)} and ${plain(b)} could not be compared: ${plain(why)}`),
    ...noteLines(found, page),
  ].join("\n\n");
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

type Session = Found["sessions"][number];
/** What is left for the session's name beside the cells. */
const NAMES = 40;

/** A row for each session, and a column for each other one where there is room: how many files conflict. */
function matrix(found: Found, page: Page): string {
  const { sessions, pairs, unknown, base } = found;
  const cells = new Map<string, string>();
  const put = (a: string, b: string, text: string): void => void cells.set(`${a} ${b}`, text).set(`${b} ${a}`, text);
  for (const { a, b } of unknown) put(a, b, "?");
  for (const { a, b, files } of pairs) put(a, b, String(files.length));
  const column = (title: string, other: string): Column<Session> => ({
    title,
    alignRight: true,
    cell: ({ id }) => (id === other ? "-" : (cells.get(`${id} ${other}`) ?? "·")),
    paint: (text) => (/\d/.test(text) ? page.style("red", text) : page.style("dim", text)),
  });
  const room = page.width - NAMES - base.name.length > sessions.length * 4;
  const others = room ? sessions.map(({ id }, at) => column(String(at + 1), id)) : [];
  const columns: Column<Session>[] = [
    { title: "#", alignRight: true, cell: (row) => String(sessions.indexOf(row) + 1) },
    ...others,
    column(base.name, base.name),
    { title: "SESSION", cell: ({ id }) => id, paint: (text) => page.style("bold", text) },
    { title: "AGENT", cell: ({ agent }) => agent ?? "", shrinks: true },
    { title: "SEEN IN", cell: seenText, paint: (text) => page.style("dim", text) },
  ];
  return table(sessions, columns, page);
}

function seenText({ seen, uncommitted }: Session): string {
  return uncommitted > 0 ? `${seen}, ${uncommitted} uncommitted` : seen;
}

const MOST_FILES = 12;
const MOST_HUNKS = 3;

function pairText({ a, b, agents, against, conflicts }: Pair, page: Page): string {
  const named = (id: string, agent: string | null): string =>
    `${page.style("bold", plain(id))}${agent === null ? "" : ` (${plain(agent)})`}`;
  const files = conflicts.slice(0, MOST_FILES).flatMap(({ path, kind, hunks, deletedBy }) => {
    const gone = deletedBy === null ? "" : `, gone in ${plain(deletedBy === "a" ? a : b)}`;
    const more = hunks.length > MOST_HUNKS ? [`    … and ${hunks.length - MOST_HUNKS} more places`] : [];
    return [
      `  ${plain(path)} (${plain(kind)}${gone})`,
      ...hunks.slice(0, MOST_HUNKS).flatMap((hunk) => hunkLines(hunk, page)),
      ...more,
    ];
  });
  const more = conflicts.length > MOST_FILES ? [`  … and ${conflicts.length - MOST_FILES} more files`] : [];
  const other = against === "base" ? page.style("bold", plain(b)) : named(b, agents.b);
  return [`${named(a, agents.a)} and ${other}`, ...files, ...more].join("\n");
}

type Hunk = Pair["conflicts"][number]["hunks"][number];

function hunkLines({ a, b, function: name }: Hunk, page: Page): string[] {
  return [
    `    ${rangeText(a)} and ${rangeText(b)}${name === null ? "" : ` in ${plain(name)}`}`,
    `      ${page.style("red", "<")} ${firstLine(a.text)}`,
    `      ${page.style("green", ">")} ${firstLine(b.text)}`,
  ];
}

function rangeText({ from, to }: Hunk["a"]): string {
  return to > from ? `lines ${from} to ${to}` : `line ${from}`;
}

function firstLine(text: string): string {
  const [first = "", ...rest] = text.replace(/\n$/, "").split("\n");
  return text === "" ? "(removed)" : `${plain(first).slice(0, 120)}${rest.length > 0 ? " …" : ""}`;
}

function noteLines({ sessions }: Found, page: Page): string[] {
  const lines = sessions.flatMap(({ id, notes }) => notes.map((note) => `${plain(id)}: ${plain(note)}`));
  return lines.length === 0 ? [] : [lines.map((line) => page.style("dim", line)).join("\n")];
}
