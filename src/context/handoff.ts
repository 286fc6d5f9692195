import { dirname, join } from "node:path";
import { workingState } from "../brain/state/working-state.ts";
import { readPlainFile } from "../disk/plain-file.ts";
import { criteria, section } from "../document/checklist.ts";
import { parseFrontMatter } from "../document/front-matter.ts";
import { isBerthError, messageOf } from "../errors.ts";
import { text } from "../git/run.ts";
import { readStatus } from "../git/status.ts";
import type { Project } from "../project.ts";
import { type Handoff, handoffPage, type HandoffTodo, type Plan } from "./handoff-page.ts";
import { lastOutput, readLeft } from "./left-behind.ts";
import { type ContextPlace, locateContext } from "./locate.ts";
import { statusOf, TODO_STATUS } from "./status-word.ts";
import { contextAt } from "./update.ts";

type Keys = Readonly<Record<string, unknown>>;

/**
 * What the next agent needs, as data and as one page of Markdown with at most 8,000 characters. [CTX-15]
 * @throws BerthError NOT_FOUND where there is neither a context nor a plan
 */
export async function contextHandoff(
  project: Project,
  input: { readonly ticket?: string | undefined } = {},
): Promise<Handoff & { readonly markdown: string }> {
  const place = await locateContext(project, input);
  const problems: string[] = [];
  const plan = await planOf(place, problems);
  const keys = await keysOf(place, plan !== null, problems);
  const worklog = place.session === null ? null : await readPlainFile(join(place.top, ".session/worklog.md"));
  const handoff = {
    ...fromKeys(keys),
    ...(await fromGit(project, place, keys)),
    plan,
    worklog: entriesOf(worklog ?? ""),
    left: await readLeft(place, problems),
    output: await lastOutput(project, place.session),
  };
  const { path, session, ticket } = place;
  const { state, problem } = await workingState(project);
  if (problem !== null) problems.push(problem);
  const whole = { path, session, ticket, ...handoff, state, problems };
  return { ...whole, markdown: handoffPage(whole) };
}

/** The keys of the context; where there is a plan, the page is of use without them too. */
async function keysOf(place: ContextPlace, hasPlan: boolean, problems: string[]): Promise<Keys> {
  try {
    return (await contextAt(place)).read.data;
  } catch (error) {
    if (!isBerthError(error) || (error.code === "NOT_FOUND" && !hasPlan)) throw error;
    problems.push(messageOf(error));
    return {};
  }
}

/** What was to be done: the session's plan, and the ticket's checklist. */
async function planOf(place: ContextPlace, problems: string[]): Promise<Plan | null> {
  const plan = place.session === null ? null : await readPlan(place, ".session/SESSION.md", criteria, problems);
  if (place.ticket === null) return plan;
  const list = await readPlan(place, join(dirname(place.path), "checklist.md"), checklistOf, problems);
  return plan && list ? { ...plan, criteria: [...plan.criteria, ...list.criteria] } : (plan ?? list);
}

async function readPlan(
  place: ContextPlace,
  path: string,
  boxes: (body: string) => Plan["criteria"],
  problems: string[],
): Promise<Plan | null> {
  const written = await readPlainFile(join(place.top, path));
  if (written === null) return null;
  try {
    const { data, body } = parseFrontMatter(written, path);
    const found = boxes(body).map(({ text: what, done }) => ({ text: what, done }));
    return { title: word(data["title"]), context: section(body, "Context"), criteria: found };
  } catch (error) {
    if (!isBerthError(error)) throw error;
    problems.push(messageOf(error));
    return null;
  }
}

/** All boxes, below whatever heading. */
function checklistOf(body: string): Plan["criteria"] {
  return [...body.matchAll(/^[ \t]*[-*+][ \t]+\[([ xX])\][ \t]+(.*)$/gm)].map(([, mark, what = ""]) => ({
    text: what.trim(),
    done: mark !== " ",
  }));
}

function fromKeys(
  keys: Keys,
): Omit<
  Handoff,
  "path" | "session" | "ticket" | "state" | "plan" | "worklog" | "left" | "output" | "problems" | "files" | "git"
> {
  const task = mapOf(keys["task"]);
  return {
    task: {
      title: word(task["title"]),
      issue: word(task["issue_number"]),
      url: word(task["url"]),
      priority: word(task["priority"]),
      status: word(task["status"]),
    },
    status: word(keys["status"]),
    mode: word(keys["mode"]),
    phase: word(keys["phase"]),
    agent: word(keys["agent"]),
    operator: word(keys["operator"]),
    updated: word(keys["last_updated"]),
    blockers: wordsIn(keys["blockers"]),
    decisions: wordsIn(keys["decisions"]).toReversed(),
    nextSteps: wordsIn(keys["next_steps"]),
    todos: todosOf(keys["todos"]),
    requirements: wordsIn(keys["handoff_requirements"]),
  };
}

function todosOf(value: unknown): HandoffTodo[] {
  const rank = { in_progress: 0, pending: 1, completed: 2, cancelled: 3 } as Readonly<Record<string, number>>;
  return listOf(value)
    .map((item) => {
      const todo = mapOf(item);
      const known = statusOf(TODO_STATUS, todo["status"]);
      return {
        order: rank[known ?? ""] ?? 1,
        id: word(todo["id"]) ?? "",
        content: word(todo["content"]) ?? "",
        status: word(todo["status"]) ?? "",
        priority: word(todo["priority"]),
        over: known === "completed" || known === "cancelled",
      };
    })
    .sort((a, b) => a.order - b.order)
    .map(({ order: _order, ...todo }) => todo);
}

async function fromGit(project: Project, place: ContextPlace, keys: Keys): Promise<Pick<Handoff, "files" | "git">> {
  const git = { ...project.git, dir: place.top };
  const { branch, changed, untracked } = await readStatus(git, place.top);
  const said = await text(git, ["log", "-1", "--format=%H%x00%cI%x00%s"]).catch(() => "");
  const [id = "", at = "", subject = ""] = said.split("\0");
  return {
    files: {
      uncommitted: [...changed, ...untracked].toSorted(),
      modified: wordsIn(keys["modified_files"]).toReversed(),
      created: wordsIn(keys["created_files"]).toReversed(),
    },
    git: { branch, commit: id === "" ? null : { id, at, subject } },
  };
}

/** Entries of the form `## [2026-03-01 09:30] text`, the latest first. */
function entriesOf(worklog: string): Handoff["worklog"] {
  return worklog
    .split(/^## \[/m)
    .slice(1)
    .map((entry) => ({ at: entry.slice(0, entry.indexOf("]")), text: entry.slice(entry.indexOf("]") + 1).trim() }))
    .toReversed();
}

function mapOf(value: unknown): Keys {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Keys) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function word(value: unknown): string | null {
  return typeof value === "number" || (typeof value === "string" && value !== "") ? String(value) : null;
}

function wordsIn(value: unknown): string[] {
  return listOf(value).flatMap((item) => word(item) ?? (item === null ? [] : JSON.stringify(item)));
}
