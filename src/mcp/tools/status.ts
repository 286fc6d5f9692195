import type { Berth } from "../../open.ts";
import { oneLine } from "../one-line.ts";
import { type ABOUT, type StatusInput, statusInput, statusOutput } from "../schema-sessions.ts";
import { currentOf, type Seat } from "../seat.ts";
import { sessionOf } from "../session-name.ts";
import { type Answer, type Call, defineTool, type Tool } from "../tool.ts";

export const statusTool: Tool = defineTool({
  name: "status",
  title: "Who works on what",
  description:
    "See what goes on in this repository: sessions of work and who holds them, agents, locks, tasks, conflicts, what needs you, and messages to you. Call it first.",
  input: statusInput,
  output: statusOutput,
  reads: true,
  repeatable: true,
  always: true,
  run: (input, call) => (input.session === undefined ? overview(input, call) : record(input.session, input, call)),
});

type Status = Awaited<ReturnType<Berth["status"]>>;
type Messages = Awaited<ReturnType<Berth["inbox"]>>["messages"];
type About = (typeof ABOUT)[number];

/** So many rows of each kind, unless more are asked for. */
const ROWS = 20;

async function overview(input: StatusInput, { seat, at }: Call): Promise<Answer> {
  const { about, limit = ROWS, offset = 0 } = input;
  const verbs = at(seat.home);
  const found = await verbs.status({ fetch: input.fetch ?? false });
  const { messages } = await verbs.inbox({ peek: true });
  const current = await currentOf(seat);
  const lists = listsOf(found, messages);
  const wanted = about === undefined ? (Object.keys(lists) as About[]) : [about];
  const shown: Record<string, readonly object[]> = {};
  const more: Record<string, number> = {};
  for (const kind of wanted) {
    const from = about === undefined ? 0 : offset;
    shown[kind] = lists[kind].slice(from, from + limit);
    const rest = lists[kind].length - from - shown[kind].length;
    if (rest > 0) more[kind] = rest;
  }
  if (shown["messages"]) noteShown(seat, shown["messages"] as Messages);
  const data = { agent: seat.agent, session: current?.session ?? null, needsYou: found.needsYou, ...shown, more };
  return { data, text: textOf(data, found, shown) };
}

function listsOf(found: Status, messages: Messages): Readonly<Record<About, readonly object[]>> {
  const { sessions, agents, locks, tasks, conflicts, fileConflicts, predicted } = found;
  return {
    sessions,
    agents: agents.map(({ process: _process, ...agent }) => agent),
    locks,
    tasks,
    messages,
    conflicts: [...conflicts, ...fileConflicts, ...predicted],
  };
}

function noteShown(seat: Seat, messages: Messages): void {
  seat.shown = Math.max(seat.shown, ...messages.map(({ id }) => id));
}

async function record(given: string, input: StatusInput, { seat, at }: Call): Promise<Answer> {
  const found = await at(seat.home).show({ id: await sessionOf(seat, given), fetch: input.fetch ?? false });
  const { session, criteria, plan } = found;
  const current = await currentOf(seat);
  const data = { agent: seat.agent, session: current?.session ?? null, sessions: [session], record: found };
  const boxes = criteria.map(({ text, done }, at) => `${at + 1}. [${done ? "x" : " "}] ${oneLine(text)}`);
  const text = [`${session.id} is ${session.state}${session.agent === null ? "" : `, held by ${session.agent}`}.`];
  return { data, text: [...text, ...boxes, "", "The plan, as its author wrote it:", plan].join("\n") };
}

function textOf(
  { agent, session }: { readonly agent: string; readonly session: string | null },
  { needsYou, sessions, agents, locks, ledger }: Status,
  shown: Readonly<Record<string, readonly object[]>>,
): string {
  const count = (state: string): number => sessions.filter((row) => row.state === state).length;
  const lines = [`You are ${agent}; ${session === null ? "you hold no session" : `you hold ${session}`}.`];
  if (ledger === null) lines.push("This repository is not set up yet: berth init");
  lines.push(
    `${count("active")} active, ${count("planned")} planned, ${count("drafting")} drafts; ${agents.length} agents; ${locks.length} locks.`,
  );
  for (const row of sessions.filter(({ state }) => state === "active").slice(0, 10))
    lines.push(`active: ${row.id} (${oneLine(row.title, 80)}) by ${row.agent ?? "?"}`);
  for (const lock of locks.slice(0, 10)) lines.push(`locked: ${lock.path} by ${lock.agent} until ${lock.expiresAt}`);
  for (const need of needsYou.slice(0, 10)) lines.push(`needs you: ${oneLine(need.text)} (${need.next})`);
  for (const message of (shown["messages"] ?? []) as Messages)
    lines.push(`message from ${message.from ?? "berth"}: ${oneLine(message.text)}`);
  return lines.join("\n");
}
