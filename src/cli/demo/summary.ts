import type { Page } from "../style.ts";
import { table } from "../table.ts";
import { span } from "../time.ts";
import { slug } from "./board.ts";
import type { Check } from "./statement.ts";
import type { Hand } from "./crew.ts";
import type { News } from "./news.ts";
import type { Place } from "./place.ts";

/** What happened, and what plain git says of it. */
export interface Summary {
  readonly ok: boolean;
  readonly tookMs: number;
  readonly hub: string;
  /** The folder, when it was kept. */
  readonly kept: string | null;
  readonly agents: readonly { readonly agent: string; readonly clone: string; readonly killed: boolean }[];
  readonly sessions: readonly SessionOutcome[];
  readonly checks: readonly Check[];
}

interface SessionOutcome {
  readonly id: string;
  readonly outcome: "completed" | "abandoned" | "open";
  readonly agent: string | null;
  /** What it went through on the way, such as a conflict. */
  readonly along: readonly string[];
}

const ALONG = ["killed", "took over", "restored", "landed", "learned", "conflict", "resolved"];

export function summarize(played: {
  readonly place: Place;
  readonly kept: boolean;
  readonly tookMs: number;
  readonly ids: readonly string[];
  readonly hands: readonly Hand[];
  readonly news: readonly News[];
  readonly checks: readonly Check[];
}): Summary {
  const { place, news, checks } = played;
  const known = [...played.ids, ...news.flatMap(({ session }) => (session === null ? [] : [session]))];
  return {
    ok: checks.every(({ ok }) => ok),
    tookMs: played.tookMs,
    hub: place.hub,
    kept: played.kept ? place.dir : null,
    agents: played.hands.map((hand) => ({
      ...hand,
      killed: news.some(({ agent, what }) => what === "killed" && agent === hand.agent),
    })),
    sessions: [...new Set(known)].map((id) => outcomeOf(id, news)),
    checks,
  };
}

function outcomeOf(id: string, news: readonly News[]): SessionOutcome {
  const own = news.filter(({ session }) => session === id);
  const end = own.find(({ what }) => what === "completed" || what === "abandoned");
  return {
    id,
    outcome: end?.what === "completed" || end?.what === "abandoned" ? end.what : "open",
    agent: end?.agent ?? own.at(-1)?.agent ?? null,
    along: own.filter(({ what }) => ALONG.includes(what)).map(({ what }) => what),
  };
}

/** The same for people: a table, then each statement with the command that shows it. */
export function summaryText(summary: Summary, page: Page): string {
  const { sessions, checks, agents } = summary;
  const held = checks.filter(({ ok }) => ok).length;
  const tail = summary.kept
    ? `Everything is still in ${summary.kept}; remove it with: rm -rf ${summary.kept}`
    : "The folder is removed. With --keep it stays, and the commands above can be run in it.";
  return [
    page.style("bold", `${sessions.length} sessions, ${agents.length} agents, ${span(summary.tookMs)}`),
    "",
    table(
      sessions,
      [
        { title: "SESSION", cell: ({ id }) => slug(id) },
        { title: "OUTCOME", cell: ({ outcome }) => outcome },
        { title: "AGENT", cell: ({ agent }) => agent ?? "" },
        { title: "ALONG THE WAY", cell: ({ along }) => along.join(", "), shrinks: true },
      ],
      page,
    ),
    "",
    page.style("bold", "What plain git says, and Berth of what is in no commit:"),
    ...checks.flatMap((check) => checkLines(check, page)),
    "",
    page.style(held === checks.length ? "green" : "red", `${held} of ${checks.length} statements hold.`),
    page.style("dim", tail),
  ].join("\n");
}

function checkLines({ says, command, ok, found, shown }: Check, page: Page): string[] {
  const mark = ok ? page.style("green", "ok    ") : page.style("red", "FAILED");
  const against =
    found === undefined ? [] : [`       ${page.style("red", `it says: ${found.replaceAll("\n", "; ") || "nothing"}`)}`];
  const proof = shown === undefined ? [] : shown.split("\n").map((line) => `       ${line}`);
  return [`${mark} ${says}`, `       ${page.style("dim", command)}`, ...proof, ...against];
}
