import { join } from "node:path";
import { BerthError } from "../errors.ts";
import { fields, run } from "../git/run.ts";
import { type Project, stateDir } from "../project.ts";
import { operand } from "../shell-word.ts";
import { writeHooks } from "../workspace/hooks.ts";

/** Which hooks hold in a checkout that is no workspace. */
export interface HooksState {
  readonly installed: boolean;
  /** The folder of the team's own hooks, which run after ours. */
  readonly team: string;
}

const OURS = "core.hooksPath";
/** What `core.hooksPath` was in this repository's settings; without it there was none. */
const BEFORE = "berth.hooksPathBefore";
const TEAM = "berth.teamHooks";

/**
 * Puts Berth's git hooks beside the team's own, in every checkout of this repository: contexts that are not valid, and
 * commit messages that the settings do not allow, are refused. Nothing else of Berth has to be in use. [CTX-16]
 * @throws BerthError WRONG_STATE where they would not hold, and before anything is written
 */
export async function installHooks(project: Project, input: { readonly dryRun?: boolean }): Promise<HooksState> {
  const dir = join(stateDir(project), "hooks");
  const [before, any] = await Promise.all([own(project, OURS), effective(project)]);
  const team = before === dir ? ((await own(project, TEAM)) ?? hooksOf(project)) : (any ?? hooksOf(project));
  await requireRoom(project, dir);
  if (input.dryRun) return { installed: before === dir, team };
  await writeHooks(project);
  if (before !== dir) {
    // What held before is written down first: a killed run leaves it as it was.
    await set(project, TEAM, team);
    await (before === null ? unset(project, BEFORE) : set(project, BEFORE, before));
    await set(project, OURS, dir);
  }
  return { installed: true, team };
}

/** @throws BerthError WRONG_STATE where a setting would stand above ours, and for two of which one could not be brought back */
async function requireRoom(project: Project, dir: string): Promise<void> {
  const above = await settingAbove(project, dir);
  if (above !== null)
    throw new BerthError(
      "WRONG_STATE",
      `${OURS} is ${above.value} by ${above.origin}: hooks of this repository's do not hold here.`,
      {
        hint: `Set it for the repository: git config ${OURS} ${operand(above.value)}; take it away there, and install again: they run after Berth's.`,
        facts: { value: above.value, origin: above.origin },
      },
    );
  const values = await ownValues(project);
  if (values.length > 1)
    throw new BerthError("WRONG_STATE", `${OURS} has ${values.length} values in this repository's settings.`, {
      hint: `git goes by the last one. Keep that alone: git config --replace-all ${OURS} ${operand(values.at(-1) ?? "")}`,
      facts: { values },
    });
}

/** What git reads after this repository's own settings: those of one work tree, and files that the settings include. */
async function settingAbove(project: Project, dir: string): Promise<{ origin: string; value: string } | null> {
  const args = ["config", "-z", "--show-scope", "--show-origin", "--get-all", OURS];
  const pieces = await fields(project.git, args, { dir: project.here.top ?? project.cwd, accept: [1] });
  const all = Array.from({ length: Math.floor(pieces.length / 3) }, (_, i) => {
    const [scope = "", origin = "", value = ""] = pieces.slice(3 * i, 3 * i + 3);
    return { scope, origin: origin.replace(/^file:/, ""), value };
  });
  const tree = all.findLast(({ scope }) => scope === "worktree");
  if (tree !== undefined) return tree.value === dir ? null : tree;
  const local = all.filter(({ scope }) => scope === "local");
  const last = local.at(-1);
  return last === undefined || local.length === (await ownValues(project)).length || last.value === dir ? null : last;
}

/**
 * Takes them away again: the settings are what they were.
 * @throws BerthError WRONG_STATE when somebody has set other hooks since
 */
export async function uninstallHooks(project: Project, input: { readonly dryRun?: boolean }): Promise<HooksState> {
  const dir = join(stateDir(project), "hooks");
  const [now, before, team] = await Promise.all([own(project, OURS), own(project, BEFORE), own(project, TEAM)]);
  const state = { installed: false, team: team ?? (await effective(project)) ?? hooksOf(project) };
  if (team === null) return state;
  if (now !== dir)
    throw new BerthError("WRONG_STATE", `${OURS} is ${now ?? "not set"}, and no longer Berth's folder ${dir}.`, {
      hint: `Somebody has set other hooks since; keep them, and forget ours: git config --unset ${TEAM}`,
      facts: { now, ours: dir },
    });
  if (input.dryRun) return { ...state, installed: true };
  await (before === null ? unset(project, OURS) : set(project, OURS, before));
  await unset(project, BEFORE);
  await unset(project, TEAM);
  return state;
}

/** Whether they are installed, and whose run after them. */
export async function hooksState(project: Project, _input: Readonly<Record<string, never>> = {}): Promise<HooksState> {
  const [now, team] = await Promise.all([own(project, OURS), own(project, TEAM)]);
  const dir = join(stateDir(project), "hooks");
  const installed = team !== null && now === dir && (await settingAbove(project, dir)) === null;
  return { installed, team: team ?? (await effective(project)) ?? hooksOf(project) };
}

function hooksOf({ repository }: Project): string {
  return join(repository.commonDir, "hooks");
}

function fileOf({ repository }: Project): readonly string[] {
  return ["config", "--file", join(repository.commonDir, "config")];
}

async function ownValues(project: Project): Promise<string[]> {
  return fields(project.git, [...fileOf(project), "-z", "--get-all", OURS], { accept: [1] });
}

async function own(project: Project, name: string): Promise<string | null> {
  const { code, stdout } = await run(project.git, [...fileOf(project), "--get", name], { accept: [1] });
  return code === 0 ? stdout.toString("utf8").replace(/\n$/, "") : null;
}

/** What holds in a main checkout, from any of the user's settings; for Berth's own runs of git none does. */
async function effective(project: Project): Promise<string | null> {
  const mine = await own(project, OURS);
  if (mine !== null) return mine;
  for (const scope of ["--global", "--system"]) {
    const { code, stdout } = await run(project.git, ["config", scope, "--type=path", "--get", OURS], { accept: [1] });
    if (code === 0) return stdout.toString("utf8").replace(/\n$/, "");
  }
  return null;
}

async function set(project: Project, name: string, value: string): Promise<void> {
  await run(project.git, [...fileOf(project), name, value]);
}

async function unset(project: Project, name: string): Promise<void> {
  await run(project.git, [...fileOf(project), "--unset-all", name], { accept: [5] });
}
