import { accessSync, constants, existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder for what all clones of one hub on this machine share: BERTH_HOME, else the place the system has for the
 * state of programs.
 */
export function machineDirOf(env: Readonly<Record<string, string | undefined>>): string {
  const own = env["BERTH_HOME"];
  if (own !== undefined && isAbsolute(own)) return own;
  const windows = env["LOCALAPPDATA"];
  if (process.platform === "win32" && windows !== undefined) return join(windows, "berth");
  const state = env["XDG_STATE_HOME"];
  // The specification says that relative paths there are to be ignored.
  return join(state !== undefined && isAbsolute(state) ? state : join(homedir(), ".local", "state"), "berth");
}

/** How scripts and git hooks start the program that belongs to this library: the runtime and the entry. */
export function ownProgram(): readonly string[] {
  // Beside the sources, and one folder further away from the published files.
  const places = ["../bin/berth.js", "../../bin/berth.js"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const [source, published = ""] = places;
  return [process.execPath, source !== undefined && existsSync(source) ? source : published];
}

/**
 * What the system itself says, where Node says something else: of a folder with its parents that cannot be made, since
 * nothing may be written there, Node says that there is no such folder.
 */
export function systemError(error: unknown): unknown {
  const { code, syscall, path } = (error instanceof Error ? error : {}) as Partial<NodeJS.ErrnoException>;
  if (code !== "ENOENT" || syscall !== "mkdir" || path === undefined) return error;
  let folder = dirname(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return error;
  } catch (refused) {
    return refused;
  }
}
