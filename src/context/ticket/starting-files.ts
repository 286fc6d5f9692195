import { isoSeconds } from "../../clock.ts";
import { setFields } from "../../document/front-matter.ts";
import { writeYaml } from "../../document/yaml.ts";
import type { Project } from "../../project.ts";
import { CONTEXT_FILE } from "../locate.ts";
import { startingContext } from "../start.ts";
import { vocabularyOf } from "../vocabulary.ts";
import type { Carried } from "./carry.ts";
import { ARTIFACTS, CHECKLIST_FILE, TICKET_FILE } from "./files.ts";

/** A ticket that is to be opened. */
export interface NewTicket {
  /** `<phase>_<issue>`. */
  readonly name: string;
  readonly phase: string;
  readonly issue: string;
  readonly title: string;
  readonly url?: string | undefined;
  readonly priority?: string | undefined;
  readonly parents: readonly string[];
  readonly dependencies: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly operator: string;
  /** The program that begins with it at once; null where it waits for somebody. */
  readonly assistant: string | null;
  readonly waits: boolean;
  readonly branch: string;
  readonly checklist: string;
  readonly carried: Carried;
  /** Keys of ticket.yml that go from a phase to the next one. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * The files of a new ticket, by path below its folder. [TKT-01]
 * @throws BerthError INVALID for a phase that the settings do not have
 */
export function startingFiles(project: Pick<Project, "config">, ticket: NewTicket): Readonly<Record<string, string>> {
  return {
    [CONTEXT_FILE]: contextText(project, ticket),
    [CHECKLIST_FILE]: ticket.checklist,
    [TICKET_FILE]: ticketText(project, ticket),
    [`${ARTIFACTS}/.gitkeep`]: "",
  };
}

function contextText(project: Pick<Project, "config">, ticket: NewTicket): string {
  const { name, at, operator, assistant, title, priority, url, branch, phase, waits, carried } = ticket;
  const issue = issueOf(ticket.issue);
  const start = { id: name, at, operator, assistant, title, priority, issue, url, branch, phase, waits };
  const text = setFields(startingContext(project, start), carried.context, CONTEXT_FILE);
  return carried.body === "" ? text : `${text}\n${carried.body}\n`;
}

function ticketText({ config }: Pick<Project, "config">, ticket: NewTicket): string {
  const phase = vocabularyOf(config).phases.get(ticket.phase);
  const at = isoSeconds(ticket.at);
  return writeYaml({
    ticket: ticket.name,
    issue_id: issueOf(ticket.issue),
    title: ticket.title,
    ...(ticket.url === undefined ? {} : { url: ticket.url }),
    operator: ticket.operator,
    ...ticket.fields,
    phase: ticket.phase,
    mode: phase?.mode ?? null,
    status: ticket.waits ? "open" : "active",
    priority: ticket.priority ?? "next",
    parents: ticket.parents.map(issueOf),
    dependencies: ticket.dependencies.map(issueOf),
    checklist: [],
    artifacts: (phase?.artifacts ?? []).map((path) => ({ path, required: true })),
    gates: { entry_criteria: [], exit_criteria: [] },
    next_phase: phase?.next ?? null,
    opened_at: at,
    started_at: ticket.waits ? null : at,
    completed_at: null,
    evaluation: {},
  });
}

/** Numbers of issues are numbers; keys of other trackers are words. */
function issueOf(text: string): string | number {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : text;
}
