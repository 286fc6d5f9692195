import { access, readdir, rm, stat } from "node:fs/promises";
import { constants } from "node:fs";
import { isAbsolute, join } from "node:path";
import { openNotes } from "../brain/notes/open-notes.ts";
import { criticalPaths } from "../coordination/save/critical.ts";
import { isBerthError, messageOf } from "../errors.ts";
import { resolveCommit } from "../git/refs.ts";
import { endStillborn, findStillborn } from "../git/stillborn.ts";
import { staleLocks } from "../git/stale-locks.ts";
import { requireGit } from "../git/version.ts";
import { STATES } from "../ledger/layout.ts";
import { findLinked, linkedPath, makeLinked, showLedger } from "../ledger/linked-worktree.ts";
import { fetchHub, withTurn } from "../ledger/publish.ts";
import { rowsOf } from "../ledger/rows.ts";
import { readLock, tryReadTip } from "../ledger/tip.ts";
import { baseRef, homeDir, type Project, scratchDir, stateDir } from "../project.ts";
import { bad, type Finding, good } from "./finding.ts";
import { checkMachine } from "./machine-check.ts";
import { checkStore } from "./store-check.ts";
import { checkTickets } from "./ticket-check.ts";
import { checkWorkspaces } from "./workspace-check.ts";
import { DOOMED, PART } from "../workspace/marker.ts";

export interface Check extends Finding {
  readonly name: string;
}

/**
 * Looks at everything Berth stands on and says what is wrong and what to do. With `fix` it mends what can be mended
 * without touching anybody's work: a missing linked worktree, left-over scratch files, a fetch that is due, a damaged
 * store, which is set aside.
 */
export async function doctor(
  project: Project,
  input: { readonly fix?: boolean; readonly beforeInit?: boolean } = {},
): Promise<{ checks: readonly Check[] }> {
  const checks: Check[] = [];
  const check = async (name: string, look: () => Promise<Finding>): Promise<void> => {
    checks.push({ name, ...(await look().catch((error: unknown) => bad(messageOf(error), null))) });
  };
  await check("git", async () => good(`git ${await requireGit(project.git)}`));
  await check("writable", () => writable(project));
  const { base: own, ledger: at, context } = project.config;
  const besides = context.branch === "phase" ? ["phase/x"] : [];
  checks.push(...(await project.hub.inspect([own, at.branch, ...besides])));
  const reached = checks.every((c) => c.name !== "hub" || c.ok);
  if (reached && !input.beforeInit) await check("fetch", () => fetchNow(project));
  if (input.beforeInit) return { checks };
  await check("settings", () => settings(project));
  await check("base", () => base(project));
  await check("ledger", () => ledger(project));
  await check("sessions", () => sessions(project));
  await check("claims", () => claims(project));
  await check("linked-worktree", () => linkedWorktree(project, input.fix ?? false));
  await check("workspaces", () => checkWorkspaces(project));
  await check("tickets", () => checkTickets(project));
  await check("store", () => checkStore(project, input.fix ?? false));
  await check("machine", () => checkMachine(project));
  await check("notes", () => notes(project));
  await check("locks", () => lockFiles(project));
  await check("half-made", () => halfMade(project, input.fix ?? false));
  await check("left-overs", () => leftOvers(project, input.fix ?? false));
  return { checks };
}

async function writable(project: Project): Promise<Finding> {
  const { commonDir } = project.repository;
  const may = await access(commonDir, constants.W_OK).then(
    () => true,
    () => false,
  );
  return may
    ? good(`${commonDir} can be written`)
    : bad(`${commonDir} cannot be written`, "Give this user the right to write there.");
}

/** What only shows itself where the checkout is looked at. */
async function settings(project: Project): Promise<Finding> {
  const critical = await criticalPaths(project).catch((error: unknown) => error);
  if (Array.isArray(critical)) return good("the settings can be used");
  if (!isBerthError(critical)) throw critical;
  return bad(critical.message, critical.hint ?? null);
}

async function fetchNow(project: Project): Promise<Finding> {
  await withTurn(project, () => fetchHub(project));
  return good("the hub was read now");
}

async function base(project: Project): Promise<Finding> {
  const tip = await resolveCommit(project.objects, baseRef(project));
  const { base: name } = project.config;
  return tip
    ? good(`${name} is at ${tip.slice(0, 10)}`)
    : bad(
        `${name} has no commit on the hub`,
        `Make its first commit and push it, or name another branch under base in .berth/config.yaml.`,
      );
}

async function ledger(project: Project): Promise<Finding> {
  const tip = await tryReadTip(project);
  const { branch } = project.config.ledger;
  if (!tip) return bad(`${branch} is not on the hub`, "Run: berth init");
  const missing = STATES.filter((state) => tip.root.get(state)?.mode !== "040000");
  return missing.length === 0
    ? good(`${branch} is at ${tip.commit.slice(0, 10)}`)
    : bad(
        `the ledger lacks ${missing.join(", ")}`,
        "Add the folders with a .gitkeep in the linked worktree and commit them.",
      );
}

async function sessions(project: Project): Promise<Finding> {
  const tip = await tryReadTip(project);
  if (!tip) return good("none");
  const rows = (await Promise.all(STATES.map((state) => rowsOf(project, tip, state)))).flat();
  const twice = rows.map((r) => r.id).filter((id, i, all) => all.indexOf(id) !== i);
  const broken = rows.filter((r) => r.problem !== null);
  const wrong: string[] = [];
  if (twice.length > 0) wrong.push(`in two states at once: ${twice.join(", ")}`);
  if (broken.length > 0) wrong.push(`unreadable: ${broken.map((r) => `${r.id} (${r.problem})`).join("; ")}`);
  const { path } = project.config.ledger;
  if (wrong.length > 0)
    return bad(
      wrong.join("; "),
      `Correct them in ${path} (of two folders remove the wrong one) and commit, or: berth edit ID`,
    );
  return good(`${rows.length} in the ledger`);
}

async function claims(project: Project): Promise<Finding> {
  const tip = await tryReadTip(project);
  if (!tip) return good("none");
  const lines = new Set((await readLock(project, tip)).map((l) => l.id));
  const active = await rowsOf(project, tip, "active");
  const without = active.filter((r) => !lines.has(r.id)).map((r) => r.id);
  const beyond = [...lines].filter((id) => !active.some((r) => r.id === id));
  const byHand: string[] = [];
  for (const row of active) if (row.epoch === null) byHand.push(row.id);
  if (without.length > 0)
    return bad(
      `active without a line in sessions.lock: ${without.join(", ")}`,
      `Add "id:unix-seconds" lines in ${project.config.ledger.path}/sessions.lock and commit them.`,
    );
  if (beyond.length > 0) return good(`claimed by hand and not adopted: ${beyond.join(", ")}`);
  return good(byHand.length > 0 ? `claimed by hand: ${byHand.join(", ")}` : `${active.length} live`);
}

async function linkedWorktree(project: Project, fix: boolean): Promise<Finding> {
  const path = linkedPath(project);
  if (path === null) return good("a bare repository shows no ledger folder");
  if (!(await tryReadTip(project))) return good("no ledger yet");
  if (!(await findLinked(project))) {
    if (!fix) return bad(`${path} does not show the ledger`, "Run: berth doctor --fix");
    await makeLinked(project);
  }
  const warnings = await showLedger(project);
  return warnings.length === 0
    ? good(`${path} shows the ledger`)
    : bad(warnings.join(" "), "Publish those edits with berth edit or berth ready, or move them away.");
}

/** Whether the notes can be asked for: a server may be down, and is named with what is wrong. [SIR-11] */
async function notes(project: Project): Promise<Finding> {
  try {
    const store = await openNotes(project);
    const found = await store.list("sessions/*");
    return good(`${store.place} answers for the project ${store.project}: ${found.length} notes of sessions`);
  } catch (error) {
    if (!isBerthError(error)) throw error;
    return bad(error.message, error.hint ?? null);
  }
}

/** A lock file of git's own that outlived its process stops everybody; it is named, never removed. */
async function lockFiles(project: Project): Promise<Finding> {
  const { commonDir } = project.repository;
  const { kind, name } = project.hub;
  // A hub that is a folder of this machine is named by its path.
  const hub = kind === "remote" && isAbsolute(name) ? [name, join(name, ".git")] : [];
  const now = project.clock.now();
  const found = (await Promise.all([commonDir, ...hub].map((dir) => staleLocks(dir, now)))).flat();
  return found.length === 0
    ? good("no stale lock of git")
    : bad(
        `left by a process that ended: ${found.join(", ")}`,
        "When no git command runs there, remove these files by hand.",
      );
}

/** Work trees without a HEAD: with one of them git can neither fetch nor collect garbage. */
async function halfMade(project: Project, fix: boolean): Promise<Finding> {
  const { commonDir } = project.repository;
  const found = (await findStillborn(commonDir, project.clock.now())).map(({ dir }) => dir);
  if (found.length === 0) return good("no half-made work tree");
  if (!fix) return bad(`their making was killed, and git cannot fetch: ${found.join(", ")}`, "Run: berth doctor --fix");
  await endStillborn(commonDir, project.clock);
  return good(`${found.length} half-made work trees without a file removed`);
}

async function leftOvers(project: Project, fix: boolean): Promise<Finding> {
  const old: string[] = [];
  for (const name of await readdir(scratchDir(project)).catch(() => [])) {
    const path = join(scratchDir(project), name);
    const age = project.clock.now() - (await stat(path).catch(() => ({ mtimeMs: project.clock.now() }))).mtimeMs;
    if (age > 3_600_000) old.push(path);
  }
  let parts = 0;
  const { worktrees, clones } = project.config.workspace;
  for (const dir of [worktrees, clones].map((path) => join(homeDir(project), path))) {
    const names = await readdir(dir).catch(() => []);
    parts += names.filter((name) => name.startsWith(".") && name.endsWith(PART)).length;
    old.push(...names.filter((name) => name.startsWith(".") && name.endsWith(DOOMED)).map((name) => join(dir, name)));
  }
  if (old.length === 0 && parts === 0) return good(`nothing in ${stateDir(project)}`);
  if (!fix) return bad(`${old.length + parts} scratch folders of runs that were killed`, "Run: berth doctor --fix");
  for (const path of old) await rm(path, { recursive: true, force: true });
  return good(`${old.length} scratch folders removed`);
}
