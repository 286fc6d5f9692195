import { BerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import { changeTodos, type Todo } from "./todo.ts";

/** An item of an agent's own list. */
export interface MirroredTodo {
  /** The client's own id, which stays the same for one item; null where its text tells it from others. */
  readonly id: string | null;
  /** Null where only the status is told. */
  readonly content: string | null;
  readonly status: string;
}

type Item = Readonly<Record<string, unknown>>;

/**
 * Takes over what an agent keeps in its own todo or task tool: what is new is added, of what is known the status
 * changes, and nothing goes, as others may have added to the list. [CTX-13]
 * @param input.source whose ids they are: two conversations number their items alike
 * @throws BerthError NOT_FOUND where there is no context
 */
export async function todoMirror(
  project: Project,
  input: { readonly items: readonly MirroredTodo[]; readonly source: string; readonly ticket?: string | undefined },
): Promise<{ readonly todos: readonly Todo[] }> {
  const { items, source } = input;
  if (items.some(({ content, id }) => content === null && id === null))
    throw new BerthError("INVALID", "A todo has neither an id nor a text.", { hint: "Give one of them." });
  const todos = await changeTodos(project, input, (known) => {
    const list: Item[] = [...known];
    for (const item of items) mirror(list, item, source);
    return list;
  });
  return { todos };
}

function mirror(list: Item[], { id, content, status }: MirroredTodo, source: string): void {
  const own = id === null ? null : `${source}-${id}`;
  const at = list.findIndex((item) => (own === null ? item["content"] === content : String(item["id"]) === own));
  const known = list[at];
  if (known) list[at] = { ...known, ...(content !== null && { content }), status };
  else if (content !== null) list.push({ id: own ?? nextId(list), content, status, priority: "medium" });
}

function nextId(list: readonly Item[]): string {
  return String(1 + Math.max(0, ...list.map((item) => Number(item["id"])).filter(Number.isSafeInteger)));
}
