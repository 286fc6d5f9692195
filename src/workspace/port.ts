import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Project, stateDir } from "../project.ts";
import { withMutex } from "../store/mutex.ts";
import { listWorkspaces } from "./marker.ts";

/** Ports promised to workspaces that are still being made: first port of the range to the time of the promise, in ms. */
type Promised = Readonly<Record<string, number>>;

/** A promise outlives the making of a workspace by far; then the workspace's own mark holds the port. */
const PROMISE_MS = 15 * 60_000;

/** The first port of a range that no other workspace of this repository has, or is about to have. */
export async function freePort(project: Project): Promise<number> {
  const lock = join(stateDir(project), "locks", "ports.lock");
  const turn = { clock: project.clock, waitMs: 60_000, what: "the list of ports", signal: project.signal };
  return withMutex(lock, turn, async () => {
    const { from, size } = project.config.workspace.ports;
    const file = join(stateDir(project), "ports.json");
    const now = project.clock.now();
    const promised = Object.entries(await load(file)).filter(([, at]) => at > now - PROMISE_MS);
    const taken = new Set([
      ...promised.map(([port]) => Number(port)),
      ...(await listWorkspaces(project)).map((w) => w.marker.port),
    ]);
    let port = from;
    while (taken.has(port) && port + 2 * size <= 65_536) port += size;
    await mkdir(stateDir(project), { recursive: true });
    await writeFile(`${file}.new`, JSON.stringify(Object.fromEntries([...promised, [String(port), now]])));
    await rename(`${file}.new`, file);
    return port;
  });
}

async function load(file: string): Promise<Promised> {
  const text = await readFile(file, "utf8").catch(() => "{}");
  return JSON.parse(text) as Promised;
}
