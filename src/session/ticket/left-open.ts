import { ticketFilesAt } from "../../context/ticket/files.ts";
import { rowAt } from "../../context/ticket/row.ts";
import { resolveCommit } from "../../git/refs.ts";
import { FILE } from "../../ledger/layout.ts";
import { type Folder, readFileAt } from "../../ledger/tip.ts";
import { baseRef, type Project } from "../../project.ts";
import { ticketOf } from "../context/opening-context.ts";

/** A word on the ticket of a session that has come home, where that one is not at its end: nobody has it any more. */
export async function leftOpen(project: Project, at: Folder): Promise<string[]> {
  const plan = await readFileAt(project, at.tree, FILE.plan);
  const ticket = plan === null ? null : ticketOf(plan);
  const { base } = project.config;
  const commit = await resolveCommit(project.objects, baseRef(project));
  if (ticket === null || commit === null || (await ticketFilesAt(project, commit, ticket)) === null) return [];
  const { status } = await rowAt(project, commit, ticket, base);
  if (status === "done" || status === "abandoned") return [];
  const now = status ?? "in a state that nobody knows";
  return [
    `The ticket ${ticket} is ${now} on ${base}. Close it in a checkout with: berth ticket close --ticket ${ticket}`,
  ];
}
