import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { type LockPath, lockPath } from "../../src/coordination/lock/lock-path.ts";

/** A folder that looks like a checkout, and names as they are given in it. */
export interface Checkout {
  readonly dir: string;
  readonly top: string;
  /** What a name given in a folder of the checkout is locked as. */
  name(given: string, options?: { cwd?: string; ignoreCase?: boolean }): Promise<LockPath>;
}

/**
 * @param entries what it holds: text for a file, `-> target` for a link, null for an empty folder
 */
export function checkout(entries: Readonly<Record<string, string | null>> = {}): Checkout {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "berth-")));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const top = join(dir, "repo");
  for (const [path, text] of Object.entries({ ".git/HEAD": "ref: refs/heads/main\n", ...entries })) {
    const at = join(top, path);
    mkdirSync(text === null ? at : dirname(at), { recursive: true });
    if (text?.startsWith("-> ")) symlinkSync(text.slice(3).replace("TOP", top), at);
    else if (text !== null) writeFileSync(at, text);
  }
  return {
    dir,
    top,
    name: (given, { cwd = ".", ignoreCase } = {}) =>
      lockPath(
        { top, cwd: join(top, cwd), ...(ignoreCase === undefined ? {} : { ignoreCase }) },
        given.replaceAll("TOP", top),
      ),
  };
}

/** A lock path as it would come out of a checkout that holds none of its names. */
export function lock(kind: LockPath["kind"], path: string, ignoreCase = false): LockPath {
  return { kind, path, key: path, ignoreCase };
}
