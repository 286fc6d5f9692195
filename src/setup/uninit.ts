import { access, readFile, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BerthError } from "../errors.ts";
import { run } from "../git/run.ts";
import { readStatus } from "../git/status.ts";
import { removeWorktree } from "../git/worktree.ts";
import { isAncestor } from "../git/refs.ts";
import { findLinked } from "../ledger/linked-worktree.ts";
import { findFolder, tryReadTip } from "../ledger/tip.ts";
import { homeDir, type Project, stateDir } from "../project.ts";
import { scanWorkspaces, type Workspace } from "../workspace/marker.ts";
import { clearAgents } from "./agent-files.ts";
import { hooksState, uninstallHooks } from "./context-hooks.ts";
import { IGNORE_COMMENT, ignoredPaths, LINK_COMMENT } from "../workspace/exclude.ts";

/**
 * Takes Berth out of this clone: the linked worktree, settings, ignore lines and Berth's own files. The ledger on the
 * hub, every branch, snapshot and base commit stay.
 * @throws BerthError WOULD_LOSE_WORK while workspaces exist or the linked worktree holds unpublished edits
 */
export async function uninit(
  project: Project,
  input: { readonly dryRun?: boolean },
): Promise<{ removed: readonly string[]; kept: readonly string[] }> {
  const { sound: workspaces, damaged } = await scanWorkspaces(project);
  const [broken] = damaged;
  if (broken) throw broken.problem;
  if (workspaces.length > 0) {
    throw new BerthError(
      "WOULD_LOSE_WORK",
      `There are workspaces here: ${workspaces.map((w) => w.dir ?? w.marker.session).join(", ")}.`,
      {
        hint: await endThem(project, workspaces),
        facts: { workspaces: workspaces.map((w) => w.marker.session) },
      },
    );
  }
  const linked = await findLinked(project);
  if (linked) await requirePublished(project, linked);
  const home = homeDir(project);
  const removed: string[] = [];
  if (linked) removed.push(linked.dir);
  const settings = join(home, ".berth", "config.yaml");
  const edited = await isEdited(project, home);
  if (!edited && (await isThere(settings))) removed.push(settings);
  const notes = join(stateDir(project), NOTES);
  const hasNotes = await isThere(notes);
  const files = hasNotes ? `${stateDir(project)} (all but ${NOTES})` : stateDir(project);
  if (await isThere(stateDir(project))) removed.push(files);
  const ignore = await readFile(join(home, ".gitignore"), "utf8").catch(() => "");
  if (ignore.includes(IGNORE_COMMENT)) removed.push(`our lines of ${join(home, ".gitignore")}`);
  const kept = [`${project.config.ledger.branch} on ${project.hub.name}`, "refs/berth/ (snapshots and kept commits)"];
  if (hasNotes) kept.push(`${notes} (notes and session states, which are nowhere else)`);
  if (edited) kept.push(`${settings} (it holds edits that are not committed)`);
  const hooks = await hooksState(project);
  if (hooks.installed) removed.push("Berth's git hooks");
  const clients = project.repository.mainTop === null ? [] : await clearAgents(project, { dryRun: true });
  removed.push(
    ...clients.map(({ path, gone }) => (gone ? join(home, path) : `Berth's entries of ${join(home, path)}`)),
  );
  if (input.dryRun) return { removed, kept };
  if (clients.length > 0) await clearAgents(project, {});
  if (hooks.installed) await uninstallHooks(project, {});
  if (linked) await removeWorktree(project.git, linked.dir);
  await dropLines(join(home, ".gitignore"), [IGNORE_COMMENT, ...ignoredPaths(project)]);
  await dropLines(join(project.repository.commonDir, "info", "exclude"), [IGNORE_COMMENT, ...ignoredPaths(project)]);
  if (!edited) await rm(settings, { force: true });
  await rmdir(join(home, ".berth")).catch(() => undefined);
  await removeState(stateDir(project));
  const { ledger, workspace } = project.config;
  // Only what is empty goes, up to the top.
  for (const path of [ledger.path, workspace.worktrees, workspace.clones])
    for (let at = path; at !== "."; at = dirname(at)) await rmdir(join(home, at)).catch(() => undefined);
  return { removed, kept };
}

const NOTES = "brain";

/** Everything but the notes, which no commit has. */
async function removeState(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    if (name !== NOTES) await rm(join(folder, name), { recursive: true, force: true });
  await rmdir(folder).catch(() => undefined);
}

async function endThem(project: Project, workspaces: readonly Workspace[]): Promise<string> {
  const tip = await tryReadTip(project);
  for (const { marker, dir } of workspaces) {
    const at = tip && (await findFolder(project, tip, marker.session));
    if (at?.state === "active" || dir === null) continue;
    // Kept when its session ended: whatever it was kept for is a person's to look at.
    return `The session of ${dir} has ended. Move away what you want to keep of it, then: git worktree remove ${dir} (or, for a clone, move the folder away)`;
  }
  return "End their sessions first: berth complete ID, berth release ID, or berth abandon ID";
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Settings that the last commit has otherwise. What no commit has is what `init` wrote, as far as anyone can tell. */
async function isEdited(project: Project, home: string): Promise<boolean> {
  if (project.repository.mainTop === null) return false;
  const args = ["diff", "--quiet", "--no-ext-diff", "--diff-filter=M", "HEAD", "--", ".berth/config.yaml"];
  return (await run(project.git, args, { dir: home, accept: [1, 128] })).code === 1;
}

async function requirePublished(
  project: Project,
  linked: { readonly dir: string; readonly head: Parameters<typeof isAncestor>[1] },
): Promise<void> {
  const status = await readStatus(project.git, linked.dir);
  const files = [...status.changed, ...status.untracked];
  const tip = await tryReadTip(project);
  const published = tip !== null && (await isAncestor(project.git, linked.head, tip.commit));
  if (files.length === 0 && published) return;
  throw new BerthError(
    "WOULD_LOSE_WORK",
    `${linked.dir} holds edits that are not in the ledger: ${files.slice(0, 5).join(", ") || linked.head}.`,
    {
      hint: "Publish them with: berth edit ID or berth ready ID, or move them away.",
      facts: { dir: linked.dir, files },
    },
  );
}

/** Takes whole lines out of a file; one that becomes empty goes. */
async function dropLines(file: string, lines: readonly string[]): Promise<void> {
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return;
  const rest = text
    .split("\n")
    .filter((line, i, all) => !lines.includes(line.trim()) && line !== LINK_COMMENT && all[i - 1] !== LINK_COMMENT);
  if (rest.every((line) => line.trim() === "")) await rm(file);
  else await writeFile(file, rest.join("\n"));
}
