import { isBerthError } from "../errors.ts";
import type { Berth } from "../open.ts";
import { type HookAnswer, NOTHING } from "./event.ts";
import { named, quoted } from "./quoted.ts";

type Hold = Awaited<ReturnType<Berth["lock"]>>["locks"][number];

/**
 * Locks what a tool is about to write. What another agent holds in this checkout refuses the tool; what one holds in a
 * workspace of its own is a remark, as both come together when they land. What no lock can be on, outside the checkout,
 * is no matter of ours. [XCS-06]
 */
export async function lockFor(berth: Berth, given: readonly string[]): Promise<HookAnswer> {
  if (given.length === 0) return NOTHING;
  // A name is meant as it is written: `[id].tsx` is a file and no pattern.
  const paths = given.map((path) => `literal:${path}`);
  try {
    await berth.lock({ paths });
    return NOTHING;
  } catch (error) {
    if (!isBerthError(error)) throw error;
    if (error.code === "INVALID") return NOTHING;
    if (error.code !== "LOCK_HELD") throw error;
    return refusal(berth, error.facts, error.message);
  }
}

function refusal({ project }: Berth, facts: Readonly<Record<string, unknown>>, message: string): HookAnswer {
  const holders = (facts["holders"] ?? []) as readonly Hold[];
  const own = `${project.caller.host}:${project.here.top ?? project.cwd}`;
  const [first] = holders.filter(({ place }) => place === own);
  if (first) return { ...NOTHING, deny: `${heldBy(first)} ${remedy(first)}` };
  if (holders.length === 0) return { ...NOTHING, deny: `${message} You are told when it is your turn.` };
  const others = holders.map((hold) => `${heldBy(hold)} That is in another workspace, ${named(hold.place)}:`);
  return { ...NOTHING, context: `${others.join(" ")} both changes come together when they land (berth conflicts).` };
}

function heldBy({ path, agent, role, expiresAt, reason }: Hold): string {
  const who = `${named(agent)}${role === null ? "" : ` (${named(role)})`}`;
  return `${named(path)} is locked by ${who} until ${expiresAt}${reason === null ? "" : `, who says ${quoted(reason)}`}.`;
}

function remedy({ agent }: Hold): string {
  return `Work on another file meanwhile: Berth tells you when it is free. To ask for it: berth tell ${JSON.stringify(agent)} "…"; to wait for it: berth lock PATH --wait 60`;
}
