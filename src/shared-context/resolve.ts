import type { Json } from "../document/json.ts";
import { parseKeyPath, printKeyPath } from "../document/key-path.ts";
import { notify } from "../coordination/message/notify.ts";
import { BerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import { type Conflict, openConflicts } from "./conflict.ts";
import { policies } from "./policies.ts";
import { readHead } from "./version.ts";
import { write } from "./write.ts";

/** How a conflict ends: with one of its sides, or with a value of one's own. */
export type Decision = { readonly take: "ours" | "theirs" | "base" } | { readonly value: Json };

/**
 * Decides a conflict. Its values stay in the history, and whoever wrote them is told what was decided. [XCS-09]
 * @throws BerthError NOT_FOUND when nothing is open at the key path
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
    const value = "take" in input.decision ? last[input.decision.take] : input.decision.value;
    const base = (await readHead(tx)).version;
    const message = input.message ?? `Decided the conflict at ${name}`;
    const { version, hash } = await write(tx, store.place, {
      agent,
      base,
      path,
      value,
      message,
      policyAt: policies(project),
    });
    for (const { id } of open)
      await tx.run(
        "update context_conflict set resolved_at = $3, resolution = $4 where project = $1 and id = $2 and resolved_at is null",
        tx.project,
        id,
        tx.now,
        JSON.stringify({ by: agent, version, ...("take" in input.decision ? { take: input.decision.take } : {}) }),
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
