import type { Project } from "../project.ts";
import { changeOf, divided } from "./change.ts";
import { documentAt, readLatest } from "./version.ts";
import { append, storeSnapshot } from "./write.ts";

/** Keeps the newest version as a whole, under a message. Going back to it, or pruning to it, is then cheap. [XCS-11] */
export async function sharedSnapshot(
  project: Project,
  input: { readonly message?: string | undefined } = {},
): Promise<{ version: number; hash: string }> {
  const store = await project.store.open();
  return store.write((tx) => storeSnapshot(tx, store.place, input.message ?? "asked for"));
}

/**
 * Makes the document what it was at a version, as a new version: history is never taken back. [XCS-11]
 * @throws BerthError NOT_FOUND
 */
export async function sharedRollback(
  project: Project,
  input: { readonly version: number; readonly message?: string | undefined },
): Promise<{ version: number; hash: string; restored: number }> {
  const store = await project.store.open();
  return store.write(async (tx) => {
    const then = await documentAt(tx, store.place, input.version);
    const head = await readLatest(tx, store.place);
    const message = input.message ?? `Back to version ${input.version}`;
    const changes = divided(changeOf([], head.document, then));
    const from = { head, agent: project.caller.name, base: head.version, message, changes };
    return { ...(await append(tx, from)), restored: input.version };
  });
}
