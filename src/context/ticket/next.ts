import { PRIORITIES, type Vocabulary } from "../vocabulary.ts";
import type { TicketRow } from "./row.ts";

/** What somebody is looking for; without a word of it, any ticket. */
export interface Wanted {
  readonly modes?: readonly string[];
  /** Owners of phases and of modes. */
  readonly roles?: readonly string[];
  readonly phases?: readonly string[];
}

/**
 * The ticket to begin with next: open, with everything it depends on done, in nobody's hands. Priority now, next,
 * future; then the oldest; of two of one second, by name. [TKT-11]
 * @param worked tickets that are in somebody's hands, whatever they say of themselves
 */
export function nextTicket(
  rows: readonly TicketRow[],
  worked: ReadonlySet<string>,
  wanted: Wanted,
  vocabulary: Vocabulary,
): TicketRow | null {
  const fitting = rows.filter(
    (row) =>
      row.status === "open" &&
      row.problem === null &&
      !worked.has(row.name) &&
      row.depends.every((name) => isDone(name, rows)) &&
      fits(row, wanted, vocabulary),
  );
  return fitting.toSorted(byUrgency)[0] ?? null;
}

/** A ticket by its name, or all tickets of an issue. */
function isDone(name: string, rows: readonly TicketRow[]): boolean {
  const meant = rows.filter((row) => row.name === name || row.issue === name);
  return meant.length > 0 && meant.every(({ status }) => status === "done");
}

function fits(row: TicketRow, { modes, roles, phases }: Wanted, vocabulary: Vocabulary): boolean {
  const phase = vocabulary.phases.get(row.phase);
  const mode = row.mode !== null && vocabulary.modes.has(row.mode) ? row.mode : (phase?.mode ?? row.mode);
  const owners = [phase?.owner, ...(vocabulary.modes.get(mode ?? "")?.owners ?? [])];
  return has(modes, [mode ?? undefined]) && has(roles, owners) && has(phases, [row.phase]);
}

function has(wanted: readonly string[] | undefined, words: readonly (string | undefined)[]): boolean {
  return wanted === undefined || wanted.length === 0 || wanted.some((word) => words.includes(word));
}

function byUrgency(a: TicketRow, b: TicketRow): number {
  return urgency(a) - urgency(b) || since(a) - since(b) || (a.name < b.name ? -1 : 1);
}

function urgency({ priority }: TicketRow): number {
  const at = PRIORITIES.findIndex((one) => one === priority.toLowerCase());
  return at < 0 ? PRIORITIES.length : at;
}

function since({ openedAt, startedAt }: TicketRow): number {
  const at = Date.parse(openedAt ?? startedAt ?? "");
  return Number.isNaN(at) ? Number.MAX_SAFE_INTEGER : at;
}
