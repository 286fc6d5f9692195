import type { Problem } from "../../context/validate.ts";
import { CONTEXT_FILE } from "../../context/locate.ts";
import { isTicketName } from "../../context/ticket-name.ts";
import { ticketFilesAt } from "../../context/ticket/files.ts";
import { ownFolderProblems } from "../../context/ticket/own-folder.ts";
import type { TicketProblem } from "../../context/ticket/problem.ts";
import { artifactProblems } from "../../context/ticket/size.ts";
import { ticketProblems } from "../../context/ticket/ticket-problems.ts";
import { vocabularyOf } from "../../context/vocabulary.ts";
import type { Change } from "../../git/diff.ts";
import type { Oid } from "../../git/names.ts";
import type { Project } from "../../project.ts";
import type { GateProblem } from "../land/gate-problem.ts";

/**
 * What a change does to tickets that it may not: another ticket's folder, a tick taken back, a done ticket, an exit
 * without its gate, too large an artifact. What was wrong before does not count. [TKT-04] [TKT-05] [TKT-09]
 * @param at.ticket the ticket that is worked on; null for work on none
 * @param at.isTaken whether a migration took a file over as it was: `<blob> <path>`
 */
export async function ticketGateProblems(
  project: Project,
  at: {
    readonly ticket: string | null;
    readonly from: Oid;
    readonly to: Oid;
    readonly isTaken?: (blobAndPath: string) => boolean;
  },
  changes: readonly Change[],
): Promise<GateProblem[]> {
  const { tickets, limits } = project.config.context;
  const paths = changes.map(({ path }) => path);
  const names = new Set(paths.flatMap((path) => ticketIn(path, tickets)));
  const found: TicketProblem[] = [...ownFolderProblems(at.ticket, paths, tickets)];
  const own = [...names].filter((name) => at.ticket === null || at.ticket === name);
  const taken = new Set(changes.filter(({ path, to }) => at.isTaken?.(`${to?.oid} ${path}`)).map(({ path }) => path));
  for (const name of own) {
    const [before, after] = [await ticketFilesAt(project, at.from, name), await ticketFilesAt(project, at.to, name)];
    const judge = (was: typeof before, now: typeof before): readonly TicketProblem[] => [
      ...ticketProblems(was, now, vocabularyOf(project.config)),
      ...(now === null ? [] : artifactProblems(now, limits)),
    ];
    const known = new Set(before === null ? [] : judge(before, before).map(said));
    // What came over has what it had there: a checklist, say, is no part of a central context.
    const moved = before === null && [...taken].some((path) => path.startsWith(`${tickets}/${name}/`));
    const isNew = (problem: TicketProblem): boolean =>
      !known.has(said(problem)) &&
      !taken.has(problem.file) &&
      !isOfContextGate(problem) &&
      !(moved && problem.found === "nothing");
    found.push(...judge(before, after).filter(isNew));
  }
  return found.map((problem) => ({ gate: "ticket", message: said(problem), paths: [problem.file] }));
}

/** What the gate of contexts says already. */
function isOfContextGate({ file, key }: TicketProblem): boolean {
  return file.endsWith(`/${CONTEXT_FILE}`) && key !== "phase";
}

function ticketIn(path: string, tickets: string): string[] {
  const name = path.startsWith(`${tickets}/`) ? (path.slice(tickets.length + 1).split("/")[0] ?? "") : "";
  return isTicketName(name) ? [name] : [];
}

function said({ file, line, column, message }: Problem & { readonly file: string }): string {
  return `${file}:${line}:${column}: ${message}`;
}
