import { BerthError } from "../../errors.ts";
import { FILE } from "../../ledger/layout.ts";
import type { Project } from "../../project.ts";
import type { ConflictFile } from "./conflicts.ts";
import type { Holding } from "../holding.ts";
import { appendEntry } from "../journal.ts";

/**
 * Runs a landing; when it ends in a conflict, the worklog says so before the error goes on. Base branch, ledger and the
 * work stay as they were. [ASP-15]
 */
export async function noteConflict<T>(project: Project, holding: Holding, landing: () => Promise<T>): Promise<T> {
  try {
    return await landing();
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== "MERGE_CONFLICT" || holding.workspace.dir === null)
      throw error;
    const files = (error.facts["files"] as readonly ConflictFile[] | undefined) ?? [];
    const lines = files.map(
      (f) =>
        `- ${f.path} (${f.kind})${f.with.length > 0 ? `, with ${f.with.map((w) => w.session ?? w.commit).join(", ")}` : ""}`,
    );
    await appendEntry(
      project,
      holding.workspace,
      FILE.worklog,
      `Landing conflicts with the base branch\n\n${lines.join("\n")}`,
    );
    throw error;
  }
}
