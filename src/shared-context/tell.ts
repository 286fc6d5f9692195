import { operand } from "../shell-word.ts";
import { notify } from "../coordination/message/notify.ts";
import { printKeyPath } from "../document/key-path.ts";
import type { Writing } from "../store/store.ts";
import type { Written } from "./write.ts";

/** Tells of a conflict both who wrote its values, and of a merge all whose changes are in it. [XCS-09] */
export async function tellWriters(
  tx: Writing,
  { agent, path }: { readonly agent: string; readonly path: readonly string[] },
  { version, changed, merged, met, conflicts }: Written,
): Promise<void> {
  for (const { conflict, oursBy, isNew } of conflicts) {
    // Of one that is open already they have heard.
    if (!isNew) continue;
    const where = printKeyPath(conflict.path);
    const data = { path: where, version };
    const text = `${agent} and ${oursBy ?? "somebody"} wrote different values at ${where}; both are kept until somebody decides: berth shared resolve ${operand(where)}`;
    for (const to of new Set([agent, oursBy ?? agent]))
      await notify(tx, to, { kind: "context.conflict", from: agent, text, data });
  }
  // Where nothing new came of it, nothing was done to what the others wrote.
  if (!merged || !changed) return;
  const name = printKeyPath(path);
  const text = `What ${[agent, ...met].join(" and ")} wrote at ${name || "the top"} was merged into version ${version}.`;
  for (const to of new Set([agent, ...met]))
    await notify(tx, to, { kind: "context.merged", from: agent, text, data: { path: name, version } });
}
