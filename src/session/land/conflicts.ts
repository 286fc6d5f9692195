import { BerthError } from "../../errors.ts";
import { commitsBetween, trailer } from "../../git/history.ts";
import type { MergeConflict } from "../../git/merge.ts";
import type { Oid } from "../../git/names.ts";
import { mergeBase } from "../../git/refs.ts";
import type { Project } from "../../project.ts";

/** One place where both sides changed the same lines, as it stands in the merged file. */
export interface ConflictHunk {
  /** First line of the conflict in the merged file, from 1. */
  readonly line: number;
  readonly base: string;
  readonly original: string;
  readonly session: string;
}

export interface ConflictFile {
  readonly path: string;
  readonly kind: string;
  readonly hunks: readonly ConflictHunk[];
  /** The landed sessions that changed this file on the base branch since the work began. */
  readonly with: readonly { readonly session: string | null; readonly commit: Oid; readonly subject: string }[];
}

/** The refusal of a merge that conflicts: files, hunks, and whose landed work it is. */
export async function conflictsOf(
  project: Project,
  merge: {
    readonly id: string;
    readonly base: Oid;
    readonly tip: Oid;
    readonly tree: Oid;
    readonly conflicts: readonly MergeConflict[];
  },
): Promise<BerthError> {
  const files: ConflictFile[] = [];
  const since = await mergeBase(project.git, merge.base, merge.tip);
  for (const conflict of merge.conflicts) {
    const blob = await project.objects.read(`${merge.tree}:${conflict.path}`);
    const commits = await commitsBetween(project.git, since ? [since] : [], merge.base, {
      paths: [conflict.path],
      merges: false,
    });
    files.push({
      ...conflict,
      hunks: blob?.type === "blob" ? hunksOf(blob.data.toString("utf8")) : [],
      with: commits.map((c) => ({
        session: trailer(c.body, "Berth-Session")[0] ?? null,
        commit: c.oid,
        subject: c.subject,
      })),
    });
  }
  const said = files.map((f) => `${f.path}${others(f)}`).join("; ");
  return new BerthError("MERGE_CONFLICT", `${merge.id} conflicts with the base branch in ${said}.`, {
    hint: `Bring the base branch into the workspace, resolve it there, and try again: berth sync ${merge.id}`,
    facts: { session: merge.id, base: merge.base, tip: merge.tip, files },
  });
}

function others(file: ConflictFile): string {
  const sessions = [...new Set(file.with.map((w) => w.session ?? w.commit.slice(0, 10)))];
  return sessions.length > 0 ? ` (with ${sessions.join(", ")})` : "";
}

/** Reads diff3-style conflict markers. Texts are cut at 2,000 characters: the report is for finding the place. */
function hunksOf(text: string): ConflictHunk[] {
  const hunks: ConflictHunk[] = [];
  let part: "none" | "base" | "original" | "session" = "none";
  let current = { line: 0, base: "", original: "", session: "" };
  for (const [index, line] of text.split("\n").entries()) {
    if (line.startsWith("<<<<<<< ")) {
      part = "base";
      current = { line: index + 1, base: "", original: "", session: "" };
    } else if (part !== "none" && line.startsWith("||||||| ")) part = "original";
    else if (part !== "none" && line === "=======") part = "session";
    else if (part !== "none" && line.startsWith(">>>>>>> ")) {
      hunks.push(current);
      part = "none";
    } else if (part !== "none" && current[part].length < 2000) current[part] += `${line}\n`;
  }
  return hunks;
}
