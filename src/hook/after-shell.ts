import type { Berth } from "../open.ts";
import { type HookAnswer, NOTHING } from "./event.ts";
import { named } from "./quoted.ts";

const MOST_NAMED = 5;

/** What a command wrote is looked at afterwards, as no hook can know it before: late locks, and a word on those of others. */
export async function lookAfterShell(berth: Berth): Promise<HookAnswer> {
  const { held, locked, changed } = await berth.lockEdited();
  const remarks = held
    .slice(0, MOST_NAMED)
    .map(
      ({ path, agent, expiresAt }) => `${named(path)} changed, which ${named(agent)} has locked until ${expiresAt}.`,
    );
  if (held.length > MOST_NAMED) remarks.push(`So did ${held.length - MOST_NAMED} more files that others have locked.`);
  if (held.length > 0)
    remarks.push(
      "If your command wrote there, tell them what you changed (berth tell); if they did, nothing is wrong.",
    );
  if (locked.length === 0 && changed > MOST_NAMED && held.length === 0)
    remarks.push(`${changed} files changed at once; they were not locked for you.`);
  return remarks.length === 0 ? NOTHING : { ...NOTHING, context: remarks.join(" ") };
}
