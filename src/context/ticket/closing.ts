import { isoSeconds } from "../../clock.ts";
import { setYaml } from "../../document/yaml-file.ts";
import { BerthError } from "../../errors.ts";
import { CONTEXT_FILE } from "../locate.ts";
import { readContext } from "../read.ts";
import { withChanges } from "../update.ts";
import { plain } from "./checklist.ts";
import { TICKET_FILE, type TicketFiles } from "./files.ts";
import { isMap, readTicket, type Ticket, ticketOf } from "./read.ts";

/** What a ticket's documents become when it is closed. */
interface Closing {
  readonly texts: Readonly<Record<string, string>>;
  /** Of those texts. */
  readonly ticket: Ticket;
}

/**
 * The documents of a ticket that ends: status, time, and what was judged. Whether it may end is the exit gate's affair.
 * @param how.confirm numbers of exit criteria, or all
 * @param how.next the ticket that follows
 * @throws BerthError INVALID for damaged documents, and for numbers of no criterion
 */
export function closing(
  files: TicketFiles,
  how: {
    readonly confirm: readonly string[];
    readonly by: string;
    readonly at: number;
    readonly next: (ticket: Ticket) => string | null;
  },
): Closing {
  const { folder } = files;
  const text = files.files.get(TICKET_FILE)?.text ?? "";
  const { data } = readTicket(text, `${folder}/${TICKET_FILE}`);
  const at = isoSeconds(how.at);
  const ticket = ticketOf(data);
  const next = how.next(ticket);
  const changes = {
    status: "done",
    ...(data["started_at"] === undefined || data["started_at"] === null ? { started_at: at } : {}),
    completed_at: at,
    evaluation: evaluationOf(data, ticket, { confirm: how.confirm, by: how.by, at, hasNext: next !== null }),
    ...(next === null ? {} : { next_ticket: next }),
  };
  const closed = setYaml(text, changes, `${folder}/${TICKET_FILE}`);
  const context = files.files.get(CONTEXT_FILE)?.text ?? null;
  return {
    texts: {
      [TICKET_FILE]: closed,
      ...(context === null ? {} : { [CONTEXT_FILE]: closedContext(context, `${folder}/${CONTEXT_FILE}`, at) }),
    },
    ticket: ticketOf(readTicket(closed, `${folder}/${TICKET_FILE}`).data),
  };
}

function closedContext(text: string, file: string, at: string): string {
  const read = readContext(text, file);
  const task = isMap(read.data["task"]) ? { task: { ...read.data["task"], status: "done" } } : {};
  return withChanges(text, read, { status: "done", ...task }, at, file);
}

function evaluationOf(
  data: Readonly<Record<string, unknown>>,
  ticket: Ticket,
  how: { readonly confirm: readonly string[]; readonly by: string; readonly at: string; readonly hasNext: boolean },
): Record<string, unknown> {
  const before = isMap(data["evaluation"]) ? data["evaluation"] : {};
  const entry = (name: string, more: Readonly<Record<string, unknown>> = {}): [string, unknown] => [
    name,
    { ...(isMap(before[name]) ? before[name] : {}), status: true, ...more },
  ];
  const confirmed = confirmations(ticket, before, how);
  return {
    ...before,
    ...Object.fromEntries([
      entry("checklist"),
      entry("artifacts"),
      ...(ticket.exitCriteria.length > 0 ? [entry("exit_criteria", confirmed)] : []),
      ...(how.hasNext ? [entry("ready_for_next_phase")] : []),
    ]),
  };
}

/** Those that were confirmed before, and those that are confirmed now. */
function confirmations(
  ticket: Ticket,
  before: Readonly<Record<string, unknown>>,
  { confirm, by, at }: { readonly confirm: readonly string[]; readonly by: string; readonly at: string },
): Readonly<Record<string, unknown>> {
  const judged = isMap(before["exit_criteria"]) ? before["exit_criteria"] : {};
  const listed: unknown = judged["confirmed"];
  if (listed === undefined && judged["status"] === true) return {};
  const known = Array.isArray(listed) ? (listed as unknown[]) : [];
  const chosen = confirm.includes("all")
    ? ticket.exitCriteria
    : confirm.map((number) => ticket.exitCriteria[numberOf(number, ticket.exitCriteria.length) - 1]);
  const added = new Set(
    chosen.flatMap((one) => (one === undefined || ticket.confirmed.includes(one.text) ? [] : [one.text])),
  );
  const confirmed = [...known, ...[...added].map((criterion) => ({ criterion: plain(criterion), by, at }))];
  const all = new Set([...ticket.confirmed, ...added]);
  return { status: ticket.exitCriteria.every(({ text }) => all.has(text)), confirmed };
}

function numberOf(text: string, count: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= count) return number;
  throw new BerthError("USAGE", `There is no exit criterion ${text}: the ticket has ${count}.`, {
    hint: count === 0 ? "Leave --confirm out." : `Use numbers from 1 to ${count}, or all.`,
  });
}
