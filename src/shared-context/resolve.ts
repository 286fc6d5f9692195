import { operand } from "../shell-word.ts";
import { isJsonList, type Json } from "../document/json.ts";
import { parseKeyPath, printKeyPath } from "../document/key-path.ts";
import { notify } from "../coordination/message/notify.ts";
import { BerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import { valueAt } from "./change.ts";
import { type Conflict, openConflicts } from "./conflict.ts";
import { decide, type Deciding, type Decision, versionsTouching } from "./decision.ts";
import { withPart } from "./part.ts";
import { policies } from "./policies.ts";
import type { Writing } from "../store/store.ts";
import { type Latest, readLatest, type Version } from "./version.ts";
import { write } from "./write.ts";

/** Why, and in which version, a conflict was decided. */
interface Decided {
  readonly agent: string;
  readonly name: string;
  readonly version: number;
  readonly message: string | null;
  readonly decision: Decision;
}

/**
 * Decides a conflict. Its values stay in the history, and whoever wrote them, or wrote there since, is told what was
 * decided. What was written there since is merged with the decision. [XCS-09]
 * @throws BerthError NOT_FOUND when nothing is open at the key path, INVALID where the value can no longer be there,
 * MERGE_CONFLICT where it would overwrite what was written since and the caller has not read
 */
export async function sharedResolve(
  project: Project,
  input: { readonly path: string; readonly decision: Decision; readonly message?: string | undefined },
): Promise<{ version: number; hash: string; merged: boolean; resolved: readonly Conflict[] }> {
  const path = parseKeyPath(input.path);
  const name = printKeyPath(path);
  const agent = project.caller.name;
  const store = await project.store.open();
  return store.write(async (tx) => {
    const open = (await openConflicts(tx, path)).filter((one) => one.path === name);
    const conflict = open.at(-1);
    if (!conflict)
      throw new BerthError("NOT_FOUND", `There is no conflict at ${name || "the top"}.`, {
        hint: "See what is open with: berth shared get",
        facts: { path: name },
      });
    const { decision } = input;
    const head = await readLatest(tx, store.place);
    const since = await versionsTouching(tx, Math.min(...open.map(({ version }) => version)), path);
    const deciding = { agent, path, conflict, decision, policyAt: policies(project) };
    // Ours is what stands: it may have been changed since by somebody who knew it.
    const isAsItStands = "take" in decision && decision.take === "ours";
    const message = input.message ?? null;
    const { version, hash, merged } = isAsItStands
      ? { ...head, merged: false }
      : await put(tx, store.place, head, { ...deciding, message: message ?? `Decided the conflict at ${name}` });
    await close(tx, open, since, { agent, name, version, message, decision });
    return { version, hash, merged, resolved: open };
  });
}

/** Writes what is to stand where the conflict was. */
async function put(
  tx: Writing,
  place: string,
  head: Latest,
  deciding: Deciding & { readonly message: string },
): Promise<{ version: number; hash: string; merged: boolean }> {
  const { agent, path, policyAt, message } = deciding;
  const { value, merged, refusal } = await decide(tx, place, head, deciding);
  const target = placeOf(head.document, path, value);
  if (refusal) throw refusal;
  const isSeen = target.path.length === path.length && !merged;
  const from = { agent, base: head.version, message, policyAt, head, isSeen };
  const { version, hash } = await write(tx, place, { ...from, ...target });
  return { version, hash, merged };
}

/** Notes how the conflicts were decided, and tells all who wrote their values, or wrote there since. */
async function close(
  tx: Writing,
  open: readonly Conflict[],
  since: readonly Version[],
  { agent, name, version, message, decision }: Decided,
): Promise<void> {
  const take = "take" in decision ? { take: decision.take } : {};
  for (const { id } of open)
    await tx.run(
      "update context_conflict set resolved_at = $3, resolution = $4 where project = $1 and id = $2 and resolved_at is null",
      tx.project,
      id,
      tx.now,
      JSON.stringify({ by: agent, version, message, ...take }),
    );
  const data = { version, message, conflicts: open.map(({ id }) => id) };
  await tx.append({ kind: "context.resolved", subject: name, agent, data });
  const writers = new Set([
    ...open.flatMap(({ oursBy, theirsBy }) => [theirsBy, oursBy ?? agent]),
    ...since.map((v) => v.agent),
  ]);
  writers.delete(agent);
  const text = `${agent} decided the conflict at ${name || "the top"}, in version ${version}${message === null ? "." : `: ${message}`}`;
  for (const to of writers)
    await notify(tx, to, { kind: "context.merged", from: agent, text, data: { path: name, version } });
}

/**
 * What to write where, so that a value is at the path of a conflict: the path may lead into an item of a list, which is
 * written as a whole.
 */
function placeOf(
  document: Json | undefined,
  path: readonly string[],
  value: Json | undefined,
): { readonly path: readonly string[]; readonly value: Json | undefined } {
  const depth = path.findIndex((_, i) => isJsonList(valueAt(document, path.slice(0, i))));
  const way = depth === -1 ? path : path.slice(0, depth);
  const name = printKeyPath(path);
  const changed = withPart(document, path, value);
  if (!changed)
    throw new BerthError("INVALID", `What is there now has no place for ${name} any more, or not with that value.`, {
      hint: `Leave it as it stands: berth shared resolve ${operand(name, "--take ours")}`,
      facts: { path: name },
    });
  return { path: way, value: valueAt(changed.value, way) };
}
