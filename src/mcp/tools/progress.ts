import { BerthError } from "../../errors.ts";
import type { Verbs } from "../../verbs.ts";
import { oneLine } from "../one-line.ts";
import { type ProgressInput, progressInput, progressOutput } from "../schema-notes.ts";
import { placeOf, type Seat } from "../seat.ts";
import { sessionOf } from "../session-name.ts";
import { type Answer, defineTool, type Tool } from "../tool.ts";

export const progressTool: Tool = defineTool({
  name: "progress",
  title: "Note progress",
  description:
    "Write down what the next agent must know: log (worklog), plan, todo (add, or change by id), decision, blocker, next (next step); or send a message to another agent. Without text: lists what is there.",
  input: progressInput,
  output: progressOutput,
  reads: false,
  repeatable: true,
  run: async (input, { seat, at }) => {
    const session = input.session === undefined ? undefined : await sessionOf(seat, input.session);
    const verbs = at(await placeOf(seat, session));
    return once(seat, input, () => note(verbs, input, session));
  },
});

/** For so long the same words again are the same call again, whose answer was lost on the way. */
const SAME_MS = 60_000;

/** What was noted lately, of each agent. */
const lately = new WeakMap<Seat, Map<string, { readonly at: number; readonly answer: Promise<Answer> }>>();

/** Does what is asked for unless it was done a moment ago: then it answers the same. What failed is done again. */
async function once(seat: Seat, input: ProgressInput, work: () => Promise<Answer>): Promise<Answer> {
  const { kind, text, id, status, priority, to, drop, session } = input;
  if (text === undefined) return work();
  const known = lately.get(seat) ?? new Map<string, { readonly at: number; readonly answer: Promise<Answer> }>();
  lately.set(seat, known);
  const now = performance.now();
  for (const [key, { at }] of known) if (now - at > SAME_MS) known.delete(key);
  const key = JSON.stringify([kind, text, id, status, priority, to, drop, session]);
  const same = known.get(key);
  if (same) return same.answer;
  const answer = work();
  known.set(key, { at: now, answer });
  answer.catch(() => known.delete(key));
  return answer;
}

const LISTS: Readonly<Partial<Record<ProgressInput["kind"], string>>> = {
  decision: "decisions",
  blocker: "blockers",
  next: "next_steps",
};

async function note(verbs: Verbs, input: ProgressInput, session: string | undefined): Promise<Answer> {
  const { kind, text } = input;
  const key = LISTS[kind];
  if (kind === "todo") return todo(verbs, input);
  if (kind === "message") return message(verbs, input);
  if (key !== undefined) return listed(verbs, input, key);
  if (text === undefined) return journal(verbs, kind);
  const written = await (kind === "plan" ? verbs.plan : verbs.log)({ text, session });
  const { entry, warnings } = written;
  const data = { kind, entry, warnings };
  return {
    data,
    text: [`Written in ${entry.file} of ${entry.session}.`, ...warnings.map((w) => oneLine(w))].join("\n"),
  };
}

async function journal(verbs: Verbs, kind: string): Promise<Answer> {
  const { worklog, markdown } = await verbs.contextHandoff({});
  return { data: { kind, values: worklog }, text: markdown };
}

async function todo(verbs: Verbs, { id, text, status, priority }: ProgressInput): Promise<Answer> {
  const changed = { status, priority };
  const { todos } =
    id !== undefined
      ? await verbs.todoSet({ id, content: text, ...changed })
      : text === undefined
        ? await verbs.todoList({ status })
        : await verbs.todoAdd({ content: text, ...changed });
  const lines = todos.map((one) => `${one.id}. [${one.status}] ${oneLine(one.content)}`);
  return { data: { kind: "todo", todos }, text: lines.join("\n") || "There are no todos." };
}

async function listed(verbs: Verbs, { kind, text, drop }: ProgressInput, key: string): Promise<Answer> {
  const change = drop ? { drop: [text] } : { add: [text] };
  const value: unknown =
    text === undefined
      ? (await verbs.contextShow({})).context[key]
      : (await verbs.contextSet({ key, ...change })).value;
  const values: unknown[] = Array.isArray(value) ? value : [];
  const lines = values.map((one) => `- ${oneLine(typeof one === "string" ? one : JSON.stringify(one))}`);
  return { data: { kind, values }, text: lines.join("\n") || `There is nothing in ${key}.` };
}

async function message(verbs: Verbs, { to, text }: ProgressInput): Promise<Answer> {
  if (to === undefined || text === undefined)
    throw new BerthError("USAGE", "A message needs its words and somebody to read them.", {
      hint: 'For example: progress {kind: "message", to: "all", text: "The build is broken"}',
    });
  const { message: sent } = await verbs.tell({ to, text });
  return { data: { kind: "message", message: sent }, text: `Sent to ${sent.to.join(", ")}.` };
}
