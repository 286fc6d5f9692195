import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Environment } from "./style.ts";

/**
 * The folder for what all clones of one hub on this machine share: BERTH_HOME, else the place the system has for the
 * state of programs.
 */
export function machineDir(env: Environment): string {
  const own = env["BERTH_HOME"];
  if (own !== undefined && isAbsolute(own)) return own;
  const windows = env["LOCALAPPDATA"];
  if (process.platform === "win32" && windows !== undefined) return join(windows, "berth");
  const state = env["XDG_STATE_HOME"];
  // The specification says that relative paths there are to be ignored.
  return join(state !== undefined && isAbsolute(state) ? state : join(homedir(), ".local", "state"), "berth");
}

/** How scripts and git hooks start this program again: the runtime and the entry, from sources and when installed. */
export function programCommand(): readonly string[] {
  return [process.execPath, fileURLToPath(new URL("../../bin/berth.js", import.meta.url))];
}
