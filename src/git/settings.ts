import type { Repository } from "./repository.ts";
import { type Git, run } from "./run.ts";

/** One setting as git reads it. */
export interface GitSetting {
  readonly scope: string;
  /** In lower case. */
  readonly name: string;
  readonly value: string;
}

/** The user's git settings that decide something here, in one run; later ones win. */
export async function gitSettings(git: Git): Promise<GitSetting[]> {
  const wanted =
    "^(user\\.(name|email)|commit\\.gpgsign|remote\\..*\\.(push)?url|url\\..*\\.(push)?insteadof|init\\.defaultbranch|extensions\\.worktreeconfig|include\\.path|includeif\\..*\\.path)$";
  const { stdout } = await run(git, ["config", "-z", "--show-scope", "--get-regexp", wanted], { accept: [1] });
  const settings: GitSetting[] = [];
  const pieces = stdout.toString("utf8").split("\0");
  for (let i = 0; i + 1 < pieces.length; i += 2) {
    const [scope = "", entry = ""] = pieces.slice(i, i + 2);
    const end = entry.indexOf("\n");
    settings.push({
      scope,
      name: end > 0 ? entry.slice(0, end) : entry,
      value: end > 0 ? entry.slice(end + 1) : "true",
    });
  }
  return settings;
}

/** Those of the main checkout, asked there. */
export async function mainSettings(git: Git): Promise<Map<string, string>> {
  return settingsOf(await gitSettings(git), null);
}

/**
 * Names to values, without what is set for a linked work tree alone: who the agent of a workspace is, the mark says. A
 * name that stands twice is there as "… again" as well.
 */
export function settingsOf(all: readonly GitSetting[], here: Repository | null): Map<string, string> {
  const linked = here !== null && here.gitDir !== here.commonDir;
  const settings = new Map<string, string>();
  for (const { scope, name, value } of all) {
    if (linked && scope === "worktree") continue;
    if (settings.has(name)) settings.set(`${name} again`, "true");
    settings.set(name, value);
  }
  return settings;
}

/** A remote's one address, where the settings give it as it is; null where git has rules to work it out. */
export function plainUrl(settings: ReadonlyMap<string, string>, remote: string): string | null {
  if ([...settings.keys()].some((name) => /^url\..*insteadof$/.test(name))) return null;
  if (settings.has(`remote.${remote}.pushurl`) || settings.has(`remote.${remote}.url again`)) return null;
  return settings.get(`remote.${remote}.url`) ?? null;
}
