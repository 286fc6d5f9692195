import type { Berth } from "../../open.ts";
import { type Command, defineCommand, SESSION_STATES } from "../command.ts";
import { report } from "../report.ts";
import type { Page } from "../style.ts";
import { fit, plain, plainBlock, shortCommit } from "../text.ts";
import { ago } from "../time.ts";
import { sessionHere } from "./arguments.ts";
import { ledgerNote } from "./ledger-age.ts";

type Shown = Awaited<ReturnType<Berth["show"]>>;

const MOST_HISTORY = 10;
const MOST_WORKLOG_LINES = 30;

export const command: Command = defineCommand({
  arguments: { id: sessionHere(SESSION_STATES) },
  fetches: true,
  examples: [{ says: "the plan, who holds it, what has landed", line: "berth show 2026-11-21-limit-logins" }],
  run: async ({ args, fetch, open, terminal }) => {
    const berth = await open();
    const shown = await berth.show({ id: args.id, fetch });
    return { data: shown, text: (page) => sessionPage(shown, page), notes: ledgerNote(shown.ledger, terminal) };
  },
});

function sessionPage(shown: Shown, page: Page): string {
  const { session, claim } = shown;
  const headline = `${page.style("bold", session.id)} (${session.state}): ${plain(session.title)}`;
  const facts = [
    ["problem", session.problem],
    ["held by", session.state === "active" ? holderOf(shown, page) : null],
    ["ended", claim?.ended ? `${claim.ended.how} ${ago(claim.ended.at, page.now)}: ${claim.ended.reason}` : null],
    ["priority", session.priority],
    ["branch", session.branch],
    ["part of", session.parent],
    ["depends on", session.depends.join(", ")],
    ["needs", session.capabilities.join(", ")],
    ["touches", session.paths.join(", ")],
    ["folder", shown.folder],
  ] as const;
  return [
    report(page, { headline, facts }),
    section(
      "Workspaces",
      shown.workspaces.map(({ path, agent, epoch }) => `${path ?? "none"} (${agent}, epoch ${epoch})`),
      page,
    ),
    section(
      "Acceptance criteria",
      shown.criteria.map(({ text, done }, at) => `[${done ? "x" : " "}] ${at + 1}. ${text}`),
      page,
    ),
    section(
      "Landed",
      claim?.landed.map(({ commit, at }) => `${shortCommit(commit)}  ${ago(at, page.now)}`) ?? [],
      page,
    ),
    section("Subsessions", shown.subsessions, page),
    section("History", historyLines(shown, page), page),
    block("SESSION.md", shown.plan.split("\n"), page),
    block("worklog.md", (shown.worklog ?? "").trimEnd().split("\n").slice(-MOST_WORKLOG_LINES), page),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function holderOf({ session, claim }: Shown, page: Page): string {
  if (claim === null) return "somebody who claimed it by hand";
  return `${session.agent ?? claim.agent} on ${claim.host}, epoch ${claim.epoch}, since ${claim.claimedAt} (${ago(claim.claimedAt, page.now)})`;
}

function historyLines(shown: Shown, page: Page): string[] {
  const lines = shown.history
    .slice(0, MOST_HISTORY)
    .map(({ commit, at, by, subject }) => `${shortCommit(commit)}  ${ago(at, page.now).padEnd(10)}  ${by}: ${subject}`);
  const more = shown.history.length - lines.length;
  return more > 0 ? [...lines, `… and ${more} earlier`] : lines;
}

function section(title: string, lines: readonly string[], page: Page): string {
  if (lines.length === 0) return "";
  return [page.style("bold", title), ...lines.map((line) => fit(`  ${plain(line)}`, page.width))].join("\n");
}

/** A document as it is, set off from the page. */
function block(title: string, lines: readonly string[], page: Page): string {
  const text = plainBlock(lines.join("\n")).trim();
  if (text === "") return "";
  return [page.style("bold", title), ...text.split("\n").map((line) => `  ${line}`.trimEnd())].join("\n");
}
