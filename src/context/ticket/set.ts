import { parseKeyPath } from "../../document/key-path.ts";
import { setYaml } from "../../document/yaml-file.ts";
import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { changedValue, type NewValue } from "../new-value.ts";
import { type Vocabulary, vocabularyOf } from "../vocabulary.ts";
import { TICKET_FILE } from "./files.ts";
import { judgeTicket } from "./judge-ticket.ts";
import { changeTicketFile, ticketHere } from "./place.ts";
import { readTicket, ticketOf } from "./read.ts";

export interface TicketSet {
  readonly ticket: string;
  readonly path: string;
  /** Whether anything is other than before. */
  readonly changed: boolean;
  /** What stands there now; undefined for a key that was taken away. */
  readonly value: unknown;
}

/**
 * Changes one value of a ticket.yml; everything else keeps its bytes. [TKT-03] [TKT-04]
 * @throws BerthError INVALID where the new value is not what the schema expects there, WRONG_STATE for a ticket that is
 * done, or would be: that is what closing it is for
 */
export async function ticketSet(
  project: Project,
  input: NewValue & { readonly ticket?: string | undefined; readonly dryRun?: boolean },
): Promise<TicketSet> {
  const path = parseKeyPath(input.key);
  const [top] = path;
  if (top === undefined)
    throw new BerthError("USAGE", "Name a key.", { hint: "For example: berth ticket set team lab" });
  const place = await ticketHere(project, input.ticket);
  const shown = `${place.folder}/${TICKET_FILE}`;
  const vocabulary = vocabularyOf(project.config);
  let value: unknown;
  const change = (text: string): string => {
    const { data } = readTicket(text, shown);
    requireWork(ticketOf(data).status, place.name);
    const made = changedValue(data, path, input, shown);
    value = made.value;
    const after = setYaml(text, { [top]: made.whole }, shown);
    requireNotEnded(ticketOf(readTicket(after, shown).data).status, place.name);
    requireSound(text, after, { shown, name: place.name, vocabulary });
    return after;
  };
  const { before, after } = await changeTicketFile(project, place, TICKET_FILE, change, input.dryRun);
  return { ticket: place.name, path: shown, changed: before !== after, value };
}

function requireWork(status: string | null, ticket: string): void {
  if (status !== "done") return;
  throw new BerthError("WRONG_STATE", `${ticket} is done, and its folder is frozen.`, {
    hint: "What comes up now is a ticket with a new issue: berth ticket open --phase PHASE --issue N",
    facts: { ticket },
  });
}

function requireNotEnded(status: string | null, ticket: string): void {
  if (status !== "done") return;
  throw new BerthError("WRONG_STATE", `${ticket} becomes done through its exit gate alone.`, {
    hint: "See what stands in between with: berth ticket show; then: berth ticket close",
    facts: { ticket },
  });
}

/** What was wrong before may stay so. */
function requireSound(
  before: string,
  after: string,
  { shown, name, vocabulary }: { readonly shown: string; readonly name: string; readonly vocabulary: Vocabulary },
): void {
  const problemsOf = (text: string): string[] =>
    judgeTicket(text, shown, name, vocabulary).problems.map(({ message }) => message);
  const known = new Set(problemsOf(before));
  const problems = problemsOf(after).filter((message) => !known.has(message));
  if (problems.length === 0) return;
  throw new BerthError("INVALID", `${shown}: ${problems.join("; ")}.`, {
    hint: "See all that is wrong with a ticket.yml: berth context validate",
    facts: { file: shown, problems },
  });
}
