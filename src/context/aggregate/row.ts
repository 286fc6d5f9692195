import { readSimpleYaml } from "../../document/simple-yaml.ts";
import { isBerthError, messageOf } from "../../errors.ts";
import type { Oid } from "../../git/names.ts";
import type { GitObject } from "../../git/objects.ts";
import type { Project } from "../../project.ts";
import { CONTEXT_FILE } from "../locate.ts";

/** What lists show of one context, with the ticket that it belongs to. Words are as they were written. */
export interface Row {
  readonly title: string;
  readonly status: string;
  readonly phase: string;
  readonly mode: string;
  readonly agent: string;
  readonly operator: string;
  readonly priority: string;
  readonly issue: string;
  readonly updated: string;
  readonly blockers: readonly string[];
  readonly todos: readonly RowTodo[];
  /** Boxes of the checklist; null where there is none. */
  readonly checklist: { readonly done: number; readonly total: number } | null;
  /** Why something of it could not be read; null for a sound one. */
  readonly problem: string | null;
}

interface RowTodo {
  readonly id: string;
  readonly content: string;
  readonly status: string;
}

type Keys = Readonly<Record<string, unknown>>;

/** Beyond this nobody wrote it by hand, and a list need not wait for it. */
const LARGEST = 2 * 1024 * 1024;

/** The row of a ticket's folder, whose files may be missing or damaged. */
export async function ticketRow({ objects }: Pick<Project, "objects">, folder: Oid): Promise<Row> {
  const [context, ticket, checklist] = await Promise.all(
    [CONTEXT_FILE, "ticket.yml", "checklist.md"].map((name) => objects.read(`${folder}:${name}`)),
  );
  const problems: string[] = [];
  const ofContext = await parsed(context, CONTEXT_FILE, contextKeys, problems);
  const ofTicket = await parsed(ticket, "ticket.yml", ticketKeys, problems);
  if (context === null && ticket === null) problems.push(`neither ${CONTEXT_FILE} nor ticket.yml is there`);
  const boxes = checklist?.type === "blob" ? boxesIn(checklist.data.toString("utf8")) : null;
  return { ...rowOf(ofContext, ofTicket), checklist: boxes, problem: problems.join("; ") || null };
}

/** The row of a context alone. */
export async function contextRow({ objects }: Pick<Project, "objects">, blob: Oid): Promise<Row> {
  const problems: string[] = [];
  const data = await parsed(await objects.read(blob), CONTEXT_FILE, contextKeys, problems);
  return { ...rowOf(data, {}), problem: problems.join("; ") || null };
}

/** The keys of a context; the fast reader's where it knows the form. @throws BerthError INVALID */
export async function contextKeys(text: string, file: string): Promise<Keys> {
  const end = text.startsWith("---\n") ? text.indexOf("\n---\n", 3) : -1;
  const isDoubtful = text.includes("\0") || /\n(?:<{7}|>{7})/.test(text);
  const fast = end < 0 || isDoubtful ? null : readSimpleYaml(text.slice(4, end + 1));
  if (fast !== null) return fast;
  const { readContext } = await import("../read.ts");
  return readContext(text, file).data;
}

/** The keys of a ticket.yml; the fast reader's where it knows the form. @throws BerthError INVALID */
export async function ticketKeys(text: string, file: string): Promise<Keys> {
  const fast = readSimpleYaml(text);
  if (fast !== null) return fast;
  const { parseYaml } = await import("../../document/yaml.ts");
  return mapOf(parseYaml(text, file));
}

async function parsed(
  object: GitObject | null | undefined,
  name: string,
  parse: (text: string, file: string) => Promise<Keys>,
  problems: string[],
): Promise<Keys> {
  if (object?.type !== "blob") return {};
  try {
    if (object.data.length <= LARGEST) return await parse(object.data.toString("utf8"), name);
    problems.push(`${name} is larger than 2 MiB`);
  } catch (error) {
    if (!isBerthError(error)) throw error;
    problems.push(messageOf(error));
  }
  return {};
}

function mapOf(value: unknown): Keys {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Keys) : {};
}

/** The ticket's own file says what the ticket is; the context says how it goes. */
function rowOf(context: Keys, ticket: Keys): Row {
  const task = mapOf(context["task"]);
  return {
    title: word(ticket["title"]) || word(task["title"]),
    status: word(ticket["status"]) || word(context["status"]) || word(task["status"]),
    phase: word(ticket["phase"]) || word(context["phase"]),
    mode: word(context["mode"]) || word(ticket["mode"]),
    agent: word(context["agent"]),
    operator: word(context["operator"]) || word(ticket["operator"]),
    priority: word(ticket["priority"]) || word(task["priority"]),
    issue: word(ticket["issue_id"]) || word(task["issue_number"]),
    updated: word(context["last_updated"]),
    blockers: listOf(context["blockers"]).map(word).filter(Boolean),
    todos: listOf(context["todos"]).map((item) => {
      const todo = mapOf(item);
      return { id: word(todo["id"]), content: word(todo["content"]), status: word(todo["status"]) };
    }),
    checklist: null,
    problem: null,
  };
}

function word(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** All boxes of a checklist, below whatever heading. */
function boxesIn(text: string): Row["checklist"] {
  const marks = text.match(/^[ \t]*[-*+][ \t]+\[[ xX]\](?=[ \t]|$)/gm) ?? [];
  return { done: marks.filter((mark) => /\[[xX]\]/.test(mark)).length, total: marks.length };
}
