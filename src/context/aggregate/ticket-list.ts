import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { statusOf, TODO_STATUS } from "../status-word.ts";
import { partsOfTicket } from "../ticket-name.ts";
import { type Aggregate, aggregate } from "./aggregate.ts";
import { parseRow, statusWord } from "./cache.ts";
import { fetchWork } from "./fetch-work.ts";
import { requireKnownWords } from "./known-words.ts";
import type { Row } from "./row.ts";
import { kindOf, type Unit } from "./units.ts";

/** What is asked for; everything that is given must hold. Texts are looked for in any case of letters. */
export interface TicketQuery {
  /** Any of these, however they are written. */
  readonly statuses?: readonly string[];
  readonly phase?: string | undefined;
  readonly mode?: string | undefined;
  readonly agent?: string | undefined;
  readonly priority?: string | undefined;
  readonly issue?: string | undefined;
  /** Text in a blocker; the empty one: any blocker. */
  readonly blocker?: string | undefined;
  /** Text in a todo; with `todoStatus`, of one with that status. */
  readonly todo?: string | undefined;
  readonly todoStatus?: string | undefined;
}

export interface TicketRow extends Row {
  readonly ticket: string;
  /** The base alone, where it has this version; else every branch that does. */
  readonly branches: readonly string[];
  /** Whether there is another version, and neither descends from the other. */
  readonly diverged: boolean;
}

/** Tickets of all branches, by name. [TKT-08] @throws BerthError USAGE, HUB_UNREACHABLE */
export async function ticketList(
  project: Project,
  input: TicketQuery & { readonly fetch?: boolean } = {},
): Promise<{ readonly tickets: readonly TicketRow[]; readonly warnings: readonly string[] }> {
  const wanted = wantedOf(input);
  if (input.fetch) await fetchWork(project);
  await requireKnownWords(project, askedOf(input), async ({ key, word }) => {
    const query = key === "status" ? { statuses: [word] } : { [key]: word };
    return (await matches(project, wantedOf(query))).tickets.length > 0;
  });
  return matches(project, wanted);
}

function askedOf({ statuses = [], ...query }: TicketQuery): Parameters<typeof requireKnownWords>[1] {
  const words = (["phase", "mode", "agent", "priority"] as const).flatMap((key) => {
    const word = query[key];
    return word === undefined ? [] : [{ key, word }];
  });
  return [...statuses.map((word) => ({ key: "status", word }) as const), ...words];
}

async function matches(
  project: Project,
  wanted: Wanted,
): Promise<{ readonly tickets: readonly TicketRow[]; readonly warnings: readonly string[] }> {
  const all = await aggregate(project, (name, row) => mayMatch(name, row, wanted));
  const tickets: TicketRow[] = [];
  for (const unit of all.units) {
    const row = kindOf(unit.name) === "ticket" ? matching(all, unit, wanted) : null;
    if (row) tickets.push(row);
  }
  const isDoubtful = all.isShallow && tickets.some(({ diverged }) => diverged);
  return {
    tickets: tickets.sort((a, b) => (a.ticket < b.ticket ? -1 : Number(a.ticket > b.ticket))),
    warnings: isDoubtful ? [SHALLOW] : [],
  };
}

const SHALLOW =
  "This clone is shallow: which version of a ticket is the newest cannot always be told. Fetch the whole history with: git fetch --unshallow";

const WORDS = ["phase", "mode", "agent", "priority", "issue"] as const;
type Word = (typeof WORDS)[number];

interface Wanted {
  readonly query: TicketQuery;
  readonly statuses: ReadonlySet<string>;
  readonly todoStatus: string | null;
  /** Keys to their words, and the words as they stand in a row. */
  readonly words: readonly (readonly [key: Word, word: string, cell: string])[];
  /** Parts of the row's JSON without which it cannot match. */
  readonly pieces: readonly string[];
}

function wantedOf(query: TicketQuery): Wanted {
  const { todoStatus } = query;
  const known = todoStatus === undefined ? null : statusOf(TODO_STATUS, todoStatus);
  if (todoStatus !== undefined && known === null)
    throw new BerthError("USAGE", `${todoStatus} is no status of a todo.`, {
      hint: `One of ${TODO_STATUS.known.join(", ")}.`,
    });
  const texts = [query.blocker, query.todo].filter((text) => text !== undefined);
  return {
    query,
    statuses: new Set((query.statuses ?? []).map(statusWord)),
    todoStatus: known,
    words: WORDS.flatMap((key) => (query[key] === undefined ? [] : [[key, query[key], `\t${query[key]}\t`] as const])),
    pieces: texts.map((text) => JSON.stringify(text.toLowerCase()).slice(1, -1)),
  };
}

/** Whether a row may match, told by a few words of its line: most do not, and need not be parsed. */
function mayMatch(name: string, line: string, { statuses, words, pieces }: Wanted): boolean {
  if (statuses.size > 0 && !statuses.has(line.slice(0, line.indexOf("\t")))) return false;
  for (const [, word, cell] of words) if (!line.includes(cell) && !name.includes(word)) return false;
  if (pieces.length === 0) return true;
  const lower = line.toLowerCase();
  return pieces.every((piece) => lower.includes(piece));
}

function matching({ branches }: Aggregate, unit: Unit, wanted: Wanted): TicketRow | null {
  const line = unit.known.row;
  if (!mayMatch(unit.name, line, wanted)) return null;
  const parts = partsOfTicket(unit.name);
  if (wanted.words.length > 0 && !hasWords(line, parts, wanted)) return null;
  const row = parseRow(line);
  if (!hasTexts(row, wanted)) return null;
  const phase = row.phase || (parts?.phase ?? "");
  const issue = row.issue || (parts?.issue ?? "");
  return { ticket: unit.name, ...row, phase, issue, branches: branches(unit), diverged: unit.diverged };
}

function hasWords(line: string, parts: ReturnType<typeof partsOfTicket>, { words }: Wanted): boolean {
  const [, phase, mode, agent, priority, issue] = line.split("\t", 6);
  const found = { phase: phase || parts?.phase, mode, agent, priority, issue: issue || parts?.issue };
  return words.every(([key, word]) => found[key] === word);
}

function hasTexts(row: Row, { query: { blocker, todo }, todoStatus }: Wanted): boolean {
  const has = (text: string, piece: string): boolean => text.toLowerCase().includes(piece.toLowerCase());
  if (blocker !== undefined && !row.blockers.some((text) => has(text, blocker))) return false;
  if (todo === undefined && todoStatus === null) return true;
  return row.todos.some(
    ({ content, status }) =>
      has(content, todo ?? "") && (todoStatus === null || statusOf(TODO_STATUS, status) === todoStatus),
  );
}
