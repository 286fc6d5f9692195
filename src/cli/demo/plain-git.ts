import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { BerthError } from "../../errors.ts";

const execute = promisify(execFile);

/** git as an agent or a person uses it in a shell: with hooks, and with the settings of the demo's own environment. */
export interface PlainGit {
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * Runs git in a folder, and returns what it prints without the last line end.
 * @throws BerthError FAILED with what git said
 */
export function git(plain: PlainGit, dir: string, ...args: readonly string[]): Promise<string> {
  return run(plain, dir, ["git", ...args]);
}

/** The same for any program. */
export async function run(plain: PlainGit, dir: string, words: readonly string[]): Promise<string> {
  const [program = "", ...args] = words;
  try {
    const options = { cwd: dir, env: plain.env, signal: plain.signal, maxBuffer: 64 * 1024 * 1024 };
    const { stdout } = await execute(program, args, options);
    return stdout.replace(/\n$/, "");
  } catch (error) {
    plain.signal.throwIfAborted();
    const said = (error as { readonly stderr?: string }).stderr?.trim() ?? "";
    throw new BerthError("FAILED", `${program} ${args[0] ?? ""} failed in ${dir}${said === "" ? "" : `: ${said}`}`, {
      cause: error,
    });
  }
}
