import { shellWord } from "../shell-word.ts";
import { isJsonList, type Json } from "../document/json.ts";
import { parseKeyPath, printKeyPath } from "../document/key-path.ts";
import { notify } from "../coordination/message/notify.ts";
import { BerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import { valueAt } from "./change.ts";
import { type Conflict, openConflicts } from "./conflict.ts";
import { withPart } from "./part.ts";
import { policies } from "./policies.ts";
import { readLatest } from "./version.ts";
import { write } from "./write.ts";

/** How a conflict ends: with one of its sides, or with a value of one's own. */
export type Decision = { readonly take: "ours" | "theirs" | "base" } | { readonly value: Json };

/**
 * Decides a conflict. Its values stay in the history, and whoever wrote them is told what was decided. [XCS-09]
 * @throws BerthError NOT_FOUND when nothing is open at the key path, INVALID where the value can no longer be there
 */
export async function sharedResolve(
  project: Project,
  input: { readonly path: string; readonly decision: Decision; readonly message?: string | undefined },
): Promise<{ version: number; hash: string; resolved: readonly Conflict[] }> {
  const path = parseKeyPath(input.path);
  const name = printKeyPath(path);
  const agent = project.caller.name;
  const store = await project.store.open();
  return store.write(async (tx) => {
    const open = (await openConflicts(tx, path)).filter((conflict) => conflict.path === name);
    const last = open.at(-1);
    if (!last)
      throw new BerthError("NOT_FOUND", `There is no conflict at ${name || "the top"}.`, {
        hint: "See what is open with: berth shared get",
        facts: { path: name },
      });
    const head = await readLatest(tx, store.place);
    const written = async (value: Json | undefined): Promise<{ version: number; hash: string }> => {
      const place = placeOf(head.document, path, value);
      const isSeen = place.path.length === path.length;
      const message = input.message ?? `Decided the conflict at ${name}`;
      const from = { agent, base: head.version, message, policyAt: policies(project), head, isSeen };
      return write(tx, store.place, { ...from, ...place });
    };
    const { decision } = input;
    // Ours is what stands: it may have been changed since by somebody who knew it.
    const isAsItStands = "take" in decision && decision.take === "ours";
    const { version, hash } = isAsItStands
      ? head
      : await written("take" in decision ? last[decision.take] : decision.value);
    for (const { id } of open)
      await tx.run(
        "update context_conflict set resolved_at = $3, resolution = $4 where project = $1 and id = $2 and resolved_at is null",
        tx.project,
        id,
        tx.now,
        JSON.stringify({ by: agent, version, ...("take" in decision ? { take: decision.take } : {}) }),
      );
    await tx.append({
      kind: "context.resolved",
      subject: name,
      agent,
      data: { version, conflicts: open.map(({ id }) => id) },
    });
    const writers = new Set(open.flatMap(({ oursBy, theirsBy }) => [theirsBy, ...(oursBy === null ? [] : [oursBy])]));
    for (const to of writers)
      if (to !== agent)
        await notify(tx, to, {
          kind: "context.merged",
          from: agent,
          text: `${agent} decided the conflict at ${name}, in version ${version}.`,
          data: { path: name, version },
        });
    return { version, hash, resolved: open };
  });
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
      hint: `Leave it as it stands: berth shared resolve ${shellWord(name)} --take ours`,
      facts: { path: name },
    });
  return { path: way, value: valueAt(changed.value, way) };
}
