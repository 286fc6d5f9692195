import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The folder that everything is measured in, with the program as it is published. */
export interface Stage {
  readonly dir: string;
  /** The program as npm would install it: built, packed and unpacked. */
  readonly program: readonly string[];
  /** The folder of the unpacked package. */
  readonly installed: string;
  /** Without the caller's git settings, in a home of its own. */
  readonly env: Readonly<Record<string, string>>;
  readonly clear: () => void;
}

export const checkout: string = join(import.meta.dirname, "..");

const SETTINGS = `[user]
	name = Bench
	email = bench@berth.example
[init]
	defaultBranch = main
[core]
	autocrlf = false
[advice]
	detachedHead = false
`;

/** Packs what `npm run build` made, and unpacks it where npm would put it. */
export function makeStage(): Stage {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "berth-bench-")));
  execFileSync("npm", ["pack", "--offline", "--silent", "--ignore-scripts", `--pack-destination=${dir}`], {
    cwd: checkout,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const tarball = readdirSync(dir).find((name) => name.endsWith(".tgz")) ?? "missing.tgz";
  const modules = join(dir, "project", "node_modules");
  mkdirSync(join(modules, "berth"), { recursive: true });
  execFileSync("tar", ["-xzf", join(dir, tarball), "-C", join(modules, "berth"), "--strip-components=1"]);
  writeFileSync(join(dir, "gitconfig"), SETTINGS);
  return {
    dir,
    program: [process.execPath, join(modules, "berth", "bin", "berth.js")],
    installed: join(modules, "berth"),
    env: environment(dir),
    clear: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }),
  };
}

export function manifest(): { readonly version: string; readonly dependencies?: Readonly<Record<string, string>> } {
  return JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as ReturnType<typeof manifest>;
}

function environment(dir: string): Record<string, string> {
  const callers = Object.entries(process.env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && !/^(?:GIT_|BERTH_|NODE_|npm_)/.test(pair[0]),
  );
  return {
    ...Object.fromEntries(callers),
    GIT_CONFIG_GLOBAL: join(dir, "gitconfig"),
    GIT_CONFIG_NOSYSTEM: "1",
    BERTH_HOME: join(dir, "machine"),
    BERTH_AGENT: "bench",
    LC_ALL: "C",
  };
}
