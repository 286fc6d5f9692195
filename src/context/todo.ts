import { BerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import { locateContext } from "./locate.ts";
import type { ContextText } from "./read.ts";
import { contextSchema } from "./schema.ts";
import { requireFits } from "./set.ts";
import { statusOf, TODO_STATUS } from "./status-word.ts";
import { type Changes, contextAt, updateContext } from "./update.ts";
import { vocabularyOf } from "./vocabulary.ts";

/** An item of the list of todos, as it stands on disk. [CTX-05] */
export interface Todo {
  readonly id: string;
  readonly content: string;
  readonly status: string;
  readonly priority: string | null;
}

interface Where {
  readonly ticket?: string | undefined;
  readonly dryRun?: boolean;
}

/** The todos of the context here. */
export async function todoList(
  project: Project,
  input: Where & { readonly status?: string | undefined },
): Promise<{ readonly todos: readonly Todo[] }> {
  const { read } = await contextAt(await locateContext(project, input));
  const todos = itemsOf(read).map(shown);
  const wanted = input.status === undefined ? null : requireStatus(input.status);
  return { todos: wanted === null ? todos : todos.filter(({ status }) => statusOf(TODO_STATUS, status) === wanted) };
}

/** Adds a todo with the next free number. */
export async function todoAdd(
  project: Project,
  input: Where & {
    readonly content: string;
    readonly status?: string | undefined;
    readonly priority?: string | undefined;
  },
): Promise<{ readonly todo: Todo; readonly todos: readonly Todo[] }> {
  const made = { content: input.content, status: input.status ?? "pending", priority: input.priority ?? "medium" };
  let id = "";
  const todos = await changeTodos(project, input, (items) => {
    id = String(1 + Math.max(0, ...items.map((item) => Number(item["id"])).filter(Number.isSafeInteger)));
    return [...items, { id, ...made }];
  });
  return { todo: { id, ...made }, todos };
}

/** Changes a todo. @throws BerthError NOT_FOUND, INVALID where several have its id */
export async function todoSet(
  project: Project,
  input: Where & {
    readonly id: string;
    readonly content?: string | undefined;
    readonly status?: string | undefined;
    readonly priority?: string | undefined;
  },
): Promise<{ readonly todo: Todo; readonly todos: readonly Todo[] }> {
  const { id, content, status, priority } = input;
  const given = Object.entries({ content, status, priority }).filter(([, value]) => value !== undefined);
  const todos = await changeTodos(project, input, (items) => {
    const count = items.filter((item) => String(item["id"]) === id).length;
    if (count === 0) throw noTodo(id, items);
    if (count > 1)
      throw new BerthError("INVALID", `${count} todos have the id ${id}, and nobody can tell which is meant.`, {
        hint: "Give each an id of its own in the file; see the places with: berth context validate",
        facts: { id, count },
      });
    return items.map((item) => (String(item["id"]) === id ? { ...item, ...Object.fromEntries(given) } : item));
  });
  const todo = todos.find((one) => one.id === id);
  if (!todo) throw noTodo(id, []);
  return { todo, todos };
}

type Item = Readonly<Record<string, unknown>>;

/** Changes the list of todos as a whole. @throws BerthError INVALID where it does not fit the schema */
export async function changeTodos(
  project: Project,
  input: Where,
  work: (items: readonly Item[]) => readonly Item[],
): Promise<readonly Todo[]> {
  const place = await locateContext(project, input);
  const schema = contextSchema(vocabularyOf(project.config));
  let todos: readonly Item[] = [];
  const decide = (read: ContextText): Changes => {
    todos = work(itemsOf(read));
    requireFits(read, { todos }, schema, place.path);
    return { todos };
  };
  await updateContext(project, place, decide, input.dryRun);
  return todos.map(shown);
}

function itemsOf({ data }: Pick<ContextText, "data">): readonly Item[] {
  const { todos } = data;
  if (todos === undefined || todos === null) return [];
  if (Array.isArray(todos) && todos.every((item) => typeof item === "object" && item !== null)) return todos as Item[];
  throw new BerthError("INVALID", "The todos of this context are no list of maps.", {
    hint: "See the place with: berth context validate",
  });
}

function shown(item: Item): Todo {
  const text = (key: string): string => textOf(item[key]);
  return {
    id: text("id"),
    content: text("content"),
    status: text("status"),
    priority: text("priority") || null,
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function requireStatus(given: string): string {
  const status = statusOf(TODO_STATUS, given);
  if (status !== null) return status;
  throw new BerthError("USAGE", `${given} is no status of a todo.`, {
    hint: `One of ${TODO_STATUS.known.join(", ")}.`,
  });
}

function noTodo(id: string, items: readonly Item[]): BerthError {
  const ids = items.map((item) => String(item["id"])).join(", ");
  return new BerthError("NOT_FOUND", `There is no todo ${id} here.`, {
    hint: ids === "" ? "Add one with: berth context todo add TEXT" : `There are ${ids}.`,
  });
}
