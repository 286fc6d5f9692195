import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import type { Writing } from "../../store/store.ts";
import { heard } from "../agent/heard.ts";
import { readAgents } from "../agent/agent.ts";
import { line, requireInput, text as words } from "../input.ts";
import { notify } from "./notify.ts";

/** Who locks need not be registered, and can be asked for what it holds. */
async function holdsLock(tx: Writing, agent: string): Promise<boolean> {
  const sql = "select 1 from hold where project = $1 and agent = $2 and expires_at > $3 limit 1";
  return (await tx.one(sql, tx.project, agent, tx.now)) !== undefined;
}

const LONGEST = 100_000;

export interface Told {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

/**
 * Sends words to an agent, to all of a role, or to `all`; never to the sender. Who they are is decided now: an agent
 * that registers later is not told.
 * @throws BerthError NOT_FOUND when nobody is meant, INVALID for text that is empty or longer than 100,000 characters
 */
export async function tell(
  project: Project,
  input: { readonly to: string; readonly text: string; readonly from?: string | undefined },
): Promise<{ message: Told }> {
  requireInput(input, { to: line, text: words, from: line }, ["to", "text"]);
  const { to, text } = input;
  const from = input.from ?? project.caller.name;
  if (text.trim() === "" || text.length > LONGEST)
    throw new BerthError("INVALID", `A message has between 1 and ${LONGEST} characters; this one has ${text.length}.`, {
      hint: "Put long texts into a file or into the shared context, and tell where.",
    });
  const store = await project.store.open();
  return store.write(async (tx) => {
    await heard(tx, from);
    const known = await readAgents(tx);
    const meant = known.filter((agent) => agent.id === to);
    const wider = meant.length > 0 ? meant : known.filter((agent) => to === "all" || agent.role === to);
    const registered = wider.map(({ id }) => id).filter((id) => id !== from || to === from);
    const recipients = wider.length > 0 || !(await holdsLock(tx, to)) ? registered : [to];
    if (recipients.length === 0)
      throw new BerthError("NOT_FOUND", `Nobody is registered as ${JSON.stringify(to)}, or in that role.`, {
        hint: "See who is there with: berth agents",
        facts: { to },
      });
    for (const recipient of recipients) await notify(tx, recipient, { kind: "message", from, text });
    return { message: { from, to: recipients, text } };
  });
}
