import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { BerthError } from "../errors.ts";
import type { Terminal } from "./terminal.ts";

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
