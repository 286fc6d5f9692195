import { execFile, spawn } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { promisify } from "node:util";

/** The release that tests install: each newer one is tried before it stands here. */
const BASIC_MEMORY = "0.23.2";

const run = promisify(execFile);
const INSTALL_MS = 15 * 60_000;

/** The program, or why there is none. */
export type Installed = { readonly program: string; readonly version: string } | { readonly why: string };

/**
 * Installs basic-memory where later runs of this user find it again, outside the repository. Done once, it takes about
 * 40 seconds and 630 MB.
 */
export async function installBasicMemory(): Promise<Installed> {
  const python = await findPython();
  if (python === null) return { why: "There is no Python of 3.12 or newer." };
  const dir = join(tmpdir(), `berth-basic-memory-${BASIC_MEMORY}-${userInfo().uid}`);
  const program = join(dir, "bin", "basic-memory");
  const complete = join(dir, "complete");
  try {
    if (existsSync(dir) && statSync(dir).uid !== userInfo().uid) return { why: `${dir} is somebody else's.` };
    if (!existsSync(complete) || readFileSync(complete, "utf8") !== python) {
      rmSync(dir, { recursive: true, force: true });
      mkdirSync(dir, { mode: 0o700 });
      const start = performance.now();
      await run(python, ["-m", "venv", dir]);
      const pip = ["-m", "pip", "install", "--quiet", "--no-input", `basic-memory==${BASIC_MEMORY}`];
      await run(join(dir, "bin", "python"), pip, { timeout: INSTALL_MS });
      writeFileSync(complete, python);
      console.log(`basic-memory was installed in ${Math.round((performance.now() - start) / 1000)} s`);
    }
    const { stdout } = await run(program, ["--version"], { env: basicMemoryEnv(join(dir, "home")) });
    return { program, version: stdout.trim().replace(/^.*: /, "") };
  } catch (error) {
    return { why: `It cannot be installed: ${(error as Error).message.trim().split("\n").at(-1)}` };
  }
}

/** The environment of a server whose settings, database and notes are in one folder, and which loads no model. */
export function basicMemoryEnv(home: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    BASIC_MEMORY_HOME: join(home, "main"),
    BASIC_MEMORY_CONFIG_DIR: join(home, "settings"),
    BASIC_MEMORY_SEMANTIC_SEARCH_ENABLED: "false",
    BASIC_MEMORY_LOG_LEVEL: "ERROR",
    FASTMCP_CHECK_FOR_UPDATES: "off",
  };
}

/** A server by HTTP, for many at once. */
export async function basicMemoryByHttp(
  program: string,
  home: string,
): Promise<{ readonly url: string; readonly end: () => Promise<void> }> {
  const port = String(await freePort());
  const args = ["mcp", "--transport", "streamable-http", "--host", "127.0.0.1", "--port", port];
  const child = spawn(program, args, { env: basicMemoryEnv(home), stdio: "ignore" });
  const ended = once(child, "exit");
  const url = `http://127.0.0.1:${port}/mcp`;
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error("basic-memory ended at its start.");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const end = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  return { url, end };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

/** The test's own home has none of a person's Pythons: they are asked for where the person has them. */
async function findPython(): Promise<string | null> {
  const own = globSync(join(userInfo().homedir, ".pyenv/versions/3.1[2-9]*/bin/python3"));
  for (const python of [...own.toSorted().toReversed(), "python3.13", "python3.12", "python3"]) {
    const check = "import sys, venv, sqlite3; print(sys.version_info >= (3, 12))";
    const { stdout } = await run(python, ["-c", check]).catch(() => ({ stdout: "" }));
    if (stdout.trim() === "True") return python;
  }
  return null;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
