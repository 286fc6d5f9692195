import { isLive, pageFor } from "../style.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { fit } from "../text.ts";
import { span } from "../time.ts";
import type { Event, News } from "./news.ts";

/** What the demo shows while it runs. */
export interface Board {
  readonly tell: (news: News) => void;
  /** A line about the demo itself. */
  readonly say: (line: string) => void;
  /** Stops; with `erase` a repainted table goes away, because the summary says it all again. */
  readonly end: (erase: boolean) => void;
}

interface Row {
  readonly session: string;
  readonly state: string;
  readonly agent: string;
  readonly doing: string;
}

const STATES: Partial<Record<Event, string>> = {
  claimed: "active",
  halted: "active",
  killed: "holder killed",
  conflict: "conflict",
  "took over": "active",
  resolved: "active",
  completed: "completed",
  abandoned: "abandoned",
};
const REPAINT_MS = 120;

/** On a terminal one table, repainted; elsewhere a line for each event; nothing with `--quiet`. */
export function openBoard(terminal: Terminal, ids: readonly string[], quiet: boolean): Board {
  if (quiet) return { tell: () => undefined, say: () => undefined, end: () => undefined };
  return isLive(terminal.stderr, terminal.env) ? repainted(terminal, ids) : lines(terminal);
}

function lines(terminal: Terminal): Board {
  const start = terminal.now();
  const at = (): string => span(terminal.now() - start).padStart(6);
  return {
    tell: ({ agent, session, what, detail }) => {
      terminal.stderr.write(
        `${at()}  ${agent.padEnd(6)}  ${what.padEnd(9)}  ${slug(session)}${slug(session) && ": "}${detail}\n`,
      );
    },
    say: (line) => void terminal.stderr.write(`${at()}  ${line}\n`),
    end: () => undefined,
  };
}

function repainted(terminal: Terminal, ids: readonly string[]): Board {
  const start = terminal.now();
  const rows = new Map<string, Row>();
  for (const id of ids) rows.set(id, { session: slug(id), state: "planned", agent: "", doing: "" });
  let said = "";
  let height = 0;
  const erase = (): void => {
    if (height > 0) terminal.stderr.write(`\u001b[${height}F\u001b[0J`);
    height = 0;
  };
  const paint = (): void => {
    const page = pageFor(terminal.stderr, terminal.env, terminal.now());
    const status = fit(`${span(terminal.now() - start)}  ${said}`, page.width - 1);
    const shown = [table([...rows.values()], columnsOf(page), page), page.style("dim", status)].join("\n");
    erase();
    terminal.stderr.write(`${shown}\n`);
    height = shown.split("\n").length;
  };
  const timer = setInterval(paint, REPAINT_MS);
  timer.unref();
  return {
    tell: ({ agent, session, what, detail }) => {
      if (session === null) return;
      const before = rows.get(session);
      const state = STATES[what] ?? before?.state ?? "active";
      rows.set(session, { session: slug(session), state, agent, doing: `${what}: ${detail}` });
    },
    say: (line) => {
      said = line;
      paint();
    },
    end: (gone) => {
      clearInterval(timer);
      if (gone) erase();
      else paint();
    },
  };
}

const TONES: Readonly<Record<string, "cyan" | "yellow" | "green" | "red" | "dim">> = {
  planned: "dim",
  active: "cyan",
  "holder killed": "red",
  conflict: "yellow",
  completed: "green",
  abandoned: "dim",
};

function columnsOf(page: ReturnType<typeof pageFor>): Parameters<typeof table<Row>>[1] {
  return [
    { title: "SESSION", cell: (row) => row.session },
    { title: "STATE", cell: (row) => row.state, paint: (text, row) => page.style(TONES[row.state] ?? "dim", text) },
    { title: "AGENT", cell: (row) => row.agent },
    { title: "LAST", cell: (row) => row.doing, shrinks: true },
  ];
}

/** An id without its date, as the demo speaks of sessions. */
export function slug(id: string | null): string {
  return (id ?? "").replace(/^(kb-)?\d{4}-\d{2}-\d{2}-/, "$1");
}
