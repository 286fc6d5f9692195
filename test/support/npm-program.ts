import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const INSTALL_MS = 10 * 60_000;

/** Where a program of npm's is installed, or why it is not. */
export type NpmProgram = { readonly dir: string } | { readonly why: string };

/** Installs a package of npm's where later runs of this user find it again, outside the repository. */
export async function installNpm(name: string, version: string): Promise<NpmProgram> {
  const dir = join(tmpdir(), `berth-${name.replaceAll(/[^a-z]+/g, "-")}-${version}-${userInfo().uid}`);
  const complete = join(dir, "complete");
  try {
    if (existsSync(dir) && statSync(dir).uid !== userInfo().uid) return { why: `${dir} is somebody else's.` };
    if (!existsSync(complete)) {
      rmSync(dir, { recursive: true, force: true });
      mkdirSync(dir, { mode: 0o700 });
      writeFileSync(join(dir, "package.json"), "{}\n");
      const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact", `${name}@${version}`];
      await run("npm", args, { cwd: dir, timeout: INSTALL_MS });
      writeFileSync(complete, "");
    }
    return { dir: join(dir, "node_modules", name) };
  } catch (error) {
    return { why: `It cannot be installed: ${(error as Error).message.trim().split("\n").at(-1)}` };
  }
}
