import { BerthError } from "../../errors.ts";
import { commitsBetween, trailer } from "../../git/history.ts";
import { resolveCommit } from "../../git/refs.ts";
import { FILE, folder, type State } from "../../ledger/layout.ts";
import { findFolder, readClaim, readTip } from "../../ledger/tip.ts";
import { baseRef, type Project } from "../../project.ts";

export interface TraceEntry {
  readonly commit: string;
  readonly subject: string;
  readonly at: string;
  readonly author: string;
  /** Null for a commit that no session landed. */
  readonly session: string | null;
  readonly agent: string | null;
  readonly epoch: number | null;
  readonly state: State | null;
  /** Paths in the ledger. */
  readonly plan: string | null;
  readonly patch: string | null;
  readonly contributors: readonly string[];
}

/**
 * From a commit, or a path on the base branch, back to the sessions, agents, plans and patches behind it. [ASP-23]
 * @throws BerthError NOT_FOUND
 */
export async function trace(
  project: Project,
  input: { readonly target: string },
): Promise<{ target: string; entries: readonly TraceEntry[] }> {
  const { target } = input;
  const base = await resolveCommit(project.objects, baseRef(project));
  if (!base)
    throw new BerthError("NO_BASE", `The base branch ${project.config.base} was not fetched yet.`, {
      hint: "Fetch it with: berth list --fetch",
    });
  const safe = /^[^-\s:~^?*[\\\p{Cc}\p{Cf}][^\s:?*[\\\p{Cc}\p{Cf}]*$/u.test(target);
  const commit = safe ? await resolveCommit(project.objects, target) : null;
  const commits = commit
    ? await commitsBetween(project.git, [], commit, { limit: 1 })
    : isInside(target)
      ? await commitsBetween(project.git, [], base, { limit: 50, paths: [target] })
      : [];
  if (commits.length === 0) {
    throw new BerthError(
      "NOT_FOUND",
      `${JSON.stringify(target)} is neither a commit nor a path with history on ${project.config.base}.`,
      {
        hint: "Name a commit, or a path from the top of the repository.",
        facts: { target },
      },
    );
  }
  const tip = await readTip(project);
  const entries: TraceEntry[] = [];
  for (const c of commits) {
    const session = trailer(c.body, "Berth-Session")[0] ?? /^\[([a-z0-9-]+)\] /.exec(c.subject)?.[1] ?? null;
    const at = session === null || !/^[a-z0-9-]+$/.test(session) ? null : await findFolder(project, tip, session);
    const record = at ? await readClaim(project, at) : null;
    const patch =
      at && (await project.objects.stat(`${at.tree}:${at.id}.patch`))
        ? folder(at.state, at.id, `${at.id}.patch`)
        : null;
    entries.push({
      commit: c.oid,
      subject: c.subject,
      at: new Date(c.seconds * 1000).toISOString(),
      author: `${c.author.name} <${c.author.email}>`,
      session: at ? session : null,
      agent: trailer(c.body, "Berth-Agent")[0] ?? record?.agent ?? null,
      epoch: Number(trailer(c.body, "Berth-Epoch")[0]) || (record?.epoch ?? null),
      state: at?.state ?? null,
      plan: at ? folder(at.state, at.id, FILE.plan) : null,
      patch,
      contributors: trailer(c.body, "Co-authored-by"),
    });
  }
  return { target, entries };
}

function isInside(path: string): boolean {
  return path !== "" && !path.startsWith("/") && !path.includes("\0") && !path.split("/").includes("..");
}
