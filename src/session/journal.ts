import { lstat, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isoSeconds } from "../clock.ts";
import { BerthError } from "../errors.ts";
import { GitError, run } from "../git/run.ts";
import { FILE, isKnowledgeSession, SESSION_DIR } from "../ledger/layout.ts";
import { oneLine } from "../ledger/message.ts";
import { fetchHub, withTurn } from "../ledger/publish.ts";
import { readTip } from "../ledger/tip.ts";
import { type Project, reach, stateDir } from "../project.ts";
import { withMutex } from "../store/mutex.ts";
import { requireInside } from "../disk/inside.ts";
import type { Workspace } from "../workspace/marker.ts";
import { readWorkspaceTip } from "../workspace/find.ts";
import { findHolding, requireHeld } from "./holding.ts";
import { pushSession } from "./land/push-session.ts";
import { entry } from "./starting-files.ts";

export interface JournalResult {
  readonly entry: {
    readonly session: string;
    readonly file: string;
    readonly at: string;
    readonly text: string;
    readonly commit: string | null;
  };
  readonly warnings: readonly string[];
}

type JournalFile = typeof FILE.worklog | typeof FILE.activePlan | typeof FILE.subsessions;

/** Appends a dated entry to the worklog, commits it and pushes the session branch. [ASP-10] */
export async function log(
  project: Project,
  input: { readonly text: string; readonly session?: string | undefined },
): Promise<JournalResult> {
  return write(project, input, FILE.worklog);
}

/** Appends a dated entry to the active plan, commits it and pushes the session branch. [ASP-10] */
export async function plan(
  project: Project,
  input: { readonly text: string; readonly session?: string | undefined },
): Promise<JournalResult> {
  return write(project, input, FILE.activePlan);
}

async function write(
  project: Project,
  input: { readonly text: string; readonly session?: string | undefined },
  file: JournalFile,
): Promise<JournalResult> {
  if (input.text.trim() === "")
    throw new BerthError("USAGE", "There is nothing to write down.", {
      hint: 'For example: berth log "Chose tokens over cookies"',
    });
  const holding = await findHolding(project, input.session, file === FILE.worklog ? "log" : "plan");
  if (file === FILE.activePlan && isKnowledgeSession(holding.id)) {
    throw new BerthError("WRONG_STATE", "A knowledge session has no active plan, only its worklog.", {
      hint: "Write it down with: berth log TEXT",
    });
  }
  const unreachable = await tryFetch(project);
  await requireHeld(project, await readTip(project), holding);
  const written = await appendEntry(project, holding.workspace, file, input.text);
  const warnings = [written.warning, unreachable].filter((warning) => warning !== null);
  if (written.commit !== null && unreachable === null) {
    const tip = await readWorkspaceTip(project, holding.workspace);
    const unpushed = tip && (await pushSession(project, holding, tip.commit));
    if (unpushed) warnings.push(unpushed);
  }
  return {
    entry: {
      session: holding.id,
      file: `${SESSION_DIR}/${file}`,
      at: written.at,
      text: input.text,
      commit: written.commit,
    },
    warnings,
  };
}

/** The entry is worth writing where the hub cannot be reached: then what this machine last heard decides. */
export async function tryFetch(project: Project): Promise<string | null> {
  try {
    await withTurn(project, () => fetchHub(project));
    return null;
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== "HUB_UNREACHABLE") throw error;
    return `Written down here and not pushed: ${error.message}`;
  }
}

/** Appends to a journal file of a workspace and commits that file alone; other edits and the index's other entries stay. */
export async function appendEntry(
  project: Project,
  workspace: Workspace,
  file: JournalFile,
  text: string,
): Promise<{ at: string; commit: string | null; warning: string | null }> {
  const { dir, marker } = workspace;
  if (dir === null)
    throw new BerthError("WRONG_STATE", `${marker.session} was claimed without a workspace.`, {
      hint: `Make one with: berth claim ${marker.session}`,
    });
  const at = isoSeconds(project.clock.now());
  const lock = join(stateDir(project), "locks", `journal-${marker.session}.lock`);
  const turn = {
    clock: project.clock,
    waitMs: 60_000,
    what: `the journal of ${marker.session}`,
    signal: project.signal,
  };
  return withMutex(lock, turn, async () => {
    const path = join(dir, SESSION_DIR, file);
    await requireInside(dir, dirname(path));
    if (!(await lstat(path).catch(() => null))?.isFile()) {
      throw new BerthError("INVALID", `${path} is not a plain file.`, {
        hint: `Restore it with: git -C ${dir} checkout HEAD -- ${SESSION_DIR}/${file}`,
      });
    }
    const before = await readFile(path, "utf8");
    const gap = before === "" || before.endsWith("\n") ? "" : "\n";
    await writeFile(path, `${before}${gap}${entry(at, text)}`, { flush: true });
    const kind = file === FILE.worklog ? "log" : file === FILE.activePlan ? "plan" : "subsession";
    const subject = `[${marker.session}] docs: ${kind}: ${oneLine(text).slice(0, 60)}`;
    try {
      await run({ ...project.git, dir }, [
        "commit",
        "--quiet",
        "--no-verify",
        "--only",
        "-m",
        subject,
        "--",
        `${SESSION_DIR}/${file}`,
      ]);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      return {
        at,
        commit: null,
        warning: `Written to ${path}, and not committed: ${error.stderr.trim().split("\n")[0] ?? ""}`,
      };
    }
    await reach(project, "commit.made", subject);
    const { stdout } = await run({ ...project.git, dir }, ["rev-parse", "HEAD"]);
    return { at, commit: stdout.toString("utf8").trim(), warning: null };
  });
}
