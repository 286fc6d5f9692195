import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BerthError } from "../errors.ts";
import type { Environment } from "./style.ts";
import type { Terminal } from "./terminal.ts";

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

/**
 * The folder to act in.
 * @throws BerthError NOT_FOUND when it does not exist, as a completed session's workspace does not
 */
export function directoryOf(terminal: Terminal, option: string | undefined): string {
  if (terminal.cwd === null && (option === undefined || !isAbsolute(option))) {
    throw new BerthError("NOT_FOUND", "The folder you stand in does not exist any more.", {
      hint: "Go back to the main checkout with cd, or name it with -C DIR.",
    });
  }
  const folder = resolve(terminal.cwd ?? "/", option ?? ".");
  if (option === undefined || existsSync(folder)) return folder;
  throw new BerthError("NOT_FOUND", `There is no folder ${folder}.`, { hint: "Check what stands after -C." });
}
