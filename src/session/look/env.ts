import { BerthError } from "../../errors.ts";
import { renderEnvironment, type Shell } from "../../ledger/environment.ts";
import { readClaim, readTip, requireFolder } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { sessionHere, workspaceFor } from "../../workspace/find.ts";
import { environmentOf } from "../session-env.ts";

/** The session's environment as text for a shell to source. [ASP-07] */
export async function env(
  project: Project,
  input: { readonly id?: string | undefined; readonly shell?: Shell },
): Promise<{ text: string; variables: Record<string, string> }> {
  const id = await sessionHere(project, input.id);
  const workspace = await workspaceFor(project, id);
  const record = await readClaim(project, await requireFolder(project, await readTip(project), id));
  if (!record)
    throw new BerthError("WRONG_STATE", `${id} is not claimed.`, { hint: `Claim it first: berth claim ${id}` });
  const { agent, email, epoch, branch, port } = workspace.marker;
  const variables = environmentOf(project, { ...record, agent, email, epoch, branch }, workspace.dir, port);
  return { text: renderEnvironment(variables, input.shell ?? "sh"), variables };
}

/** Where the session's workspace is. */
export async function path(project: Project, input: { readonly id?: string | undefined }): Promise<{ path: string }> {
  const id = await sessionHere(project, input.id);
  const { workspacesOf } = await import("../../workspace/marker.ts");
  const found = (await workspacesOf(project, id)).find((w) => w.dir !== null);
  if (found?.dir) return { path: found.dir };
  const { state } = await requireFolder(project, await readTip(project), id);
  const ended = state === "completed" || state === "abandoned";
  throw new BerthError("NOT_FOUND", `There is no workspace of ${id} on this machine.`, {
    hint: ended ? `It is ${state}; look at it with: berth show ${id}` : `Make one with: berth claim ${id}`,
    facts: { session: id },
  });
}
