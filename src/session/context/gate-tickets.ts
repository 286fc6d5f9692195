import { isTicketName } from "../../context/ticket-name.ts";
import { ticketFilesAt } from "../../context/ticket/files.ts";
import { ownFolderProblems } from "../../context/ticket/own-folder.ts";
import type { TicketProblem } from "../../context/ticket/problem.ts";
import { artifactProblems } from "../../context/ticket/size.ts";
import { ticketProblems } from "../../context/ticket/ticket-problems.ts";
import { vocabularyOf } from "../../context/vocabulary.ts";
import { type Change, changesBetween } from "../../git/diff.ts";
import type { Oid } from "../../git/names.ts";
import type { Project } from "../../project.ts";
import type { GateProblem } from "../land/gate-problem.ts";
import { said } from "./gate-context.ts";

/**
 * What a change does to tickets that it may not: another ticket's folder, a tick taken back, a done ticket, an exit
 * without its gate, too large an artifact. What was wrong before, or is so in what is merged, does not count. [TKT-04] [TKT-05] [TKT-09]
 * @param at.ticket the ticket that is worked on; null for work on none
 * @param at.isTaken whether a migration took a file over as it was: `<blob> <path>`
 */
export async function ticketGateProblems(
  project: Project,
  at: {
    readonly ticket: string | null;
    readonly from: Oid;
    readonly to: Oid;
    /** The commit that is being merged, beside `from`; other tickets are as they are there. */
    readonly merged?: Oid | null;
    readonly isTaken?: (blobAndPath: string) => boolean;
  },
  changes: readonly Change[],
): Promise<GateProblem[]> {
  const { tickets, limits } = project.config.context;
  const merged = at.merged ?? null;
  const names = new Set(changes.flatMap(({ path }) => ticketIn(path, tickets)));
  const found: TicketProblem[] = [...ownFolderProblems(at.ticket, await ownPaths(project, at, changes), tickets)];
  const own = [...names].filter((name) => at.ticket === null || at.ticket === name);
  const taken = new Set(changes.filter(({ path, to }) => at.isTaken?.(`${to?.oid} ${path}`)).map(({ path }) => path));
  for (const name of own) {
    const [before, after] = [await ticketFilesAt(project, at.from, name), await ticketFilesAt(project, at.to, name)];
    const judge = (was: typeof before, now: typeof before): readonly TicketProblem[] => [
      // What the schema of contexts finds is the gate of contexts' to say.
      ...ticketProblems(was, now, vocabularyOf(project.config), true),
      ...(now === null ? [] : artifactProblems(now, limits)),
    ];
    const words = (problem: TicketProblem): string => said(problem.file, problem);
    const there = merged === null ? null : await ticketFilesAt(project, merged, name);
    if (merged !== null && there === null && after === null) continue;
    const known = new Set([before, there].flatMap((was) => (was === null ? [] : judge(was, was).map(words))));
    // What came over has what it had there: a checklist, say, is no part of a central context.
    const moved = before === null && [...taken].some((path) => path.startsWith(`${tickets}/${name}/`));
    const isNew = (problem: TicketProblem): boolean =>
      !known.has(words(problem)) && !taken.has(problem.file) && !(moved && problem.found === "nothing");
    found.push(...judge(before, after).filter(isNew));
  }
  return found.map((problem) => ({ gate: "ticket", message: said(problem.file, problem), paths: [problem.file] }));
}

/** The changed paths that a merge does not simply bring. */
async function ownPaths(
  project: Project,
  { to, merged = null }: { readonly to: Oid; readonly merged?: Oid | null },
  changes: readonly Change[],
): Promise<string[]> {
  const paths = changes.map(({ path }) => path);
  if (merged === null) return paths;
  const other = new Set((await changesBetween(project.git, merged, to)).map(({ path }) => path));
  return paths.filter((path) => other.has(path));
}

function ticketIn(path: string, tickets: string): string[] {
  const name = path.startsWith(`${tickets}/`) ? (path.slice(tickets.length + 1).split("/")[0] ?? "") : "";
  return isTicketName(name) ? [name] : [];
}
