import { isoSeconds } from "../../clock.ts";
import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { calledBy } from "../agent/heard.ts";
import { readAgent } from "../agent/agent.ts";
import { notify } from "../message/notify.ts";
import { byLoad, liveAgents } from "./assign.ts";
import { line, requireInput, text } from "../input.ts";
import { json } from "./context.ts";
import { CALL, notYours, type TaskCall } from "./finish.ts";
import { unmetNeeds, waiting } from "./take.ts";
import { requireTask, type Task } from "./task.ts";

/**
 * Hands a task to another agent, or to the live one of a role that has the fewest, with a note and whatever context goes
 * with it. A blocked or queued one may be handed by anybody. [XCS-17]
 * @throws BerthError NOT_HOLDER, NOT_FOUND for an agent or role that is not there, NOTHING_FITS for a task that waits
 *   for others
 */
export async function handTask(
  project: Project,
  input: TaskCall & {
    readonly to: string;
    readonly note?: string | undefined;
    readonly context?: Readonly<Record<string, unknown>> | undefined;
  },
): Promise<{ task: Task }> {
  requireInput(input, { ...CALL, to: line, note: text, context: json }, ["id", "to"]);
  const live = await liveAgents(project);
  return calledBy(project, input.agent, async (tx, name) => {
    const before = await requireTask(tx, input.id);
    if (before.status === "done" || (before.status === "assigned" && before.agent !== name))
      throw notYours(before, name);
    const needs = await unmetNeeds(tx, input.id);
    if (needs.length > 0) throw waiting(input.id, needs);
    const named = await readAgent(tx, input.to);
    const inRole = async (): Promise<{ readonly id: string } | undefined> =>
      (await byLoad(tx, live)).find(({ role, id }) => role === input.to && id !== name);
    const to = named ?? (await inRole());
    if (!to)
      throw new BerthError("NOT_FOUND", `Nobody else is there as ${JSON.stringify(input.to)}, or alive in that role.`, {
        hint: "See who is there with: berth agents",
        facts: { to: input.to },
      });
    const left = { from: name, to: to.id, note: input.note, at: isoSeconds(tx.now) };
    await tx.run(
      `update task set status = 'assigned', agent = $3, note = $4, context = $5, changed_at = $6, handed = $8
       where project = $1 and id = $2 and status = $7`,
      tx.project,
      input.id,
      to.id,
      input.note ?? before.note,
      JSON.stringify({ ...before.context, ...input.context }),
      tx.now,
      before.status,
      JSON.stringify(input.note === undefined ? before.handovers : [...before.handovers, left]),
    );
    await tx.append({ kind: "task.handed", subject: input.id, agent: name, data: { to: to.id } });
    const text = `${name} handed you the task ${input.id}: ${before.title}${input.note ? `\n${input.note}` : ""}`;
    await notify(tx, to.id, { kind: "task.handed", from: name, text, data: { task: input.id } });
    return { task: await requireTask(tx, input.id) };
  });
}
