import { access, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Project, stateDir } from "../project.ts";
import { withMutex } from "../store/mutex.ts";
import { listWorkspaces } from "./marker.ts";

/**
 * The ranges of every repository of this machine: its git directory, then the first port of each range to the time of
 * its promise, in ms; 0 once a workspace's own mark holds it. A repository brings its own entry up to date.
 */
type Ranges = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A promise outlives the making of a workspace by far; then the workspace's own mark holds the port. */
const PROMISE_MS = 15 * 60_000;

/** The first port of a range that no other workspace of this machine has, or is about to have. */
export async function freePort(project: Project): Promise<number> {
  const shared = await mkdir(project.machineDir, { recursive: true, mode: 0o700 }).then(
    () => project.machineDir,
    // A sandbox may forbid that folder: then only this repository's own are known.
    () => stateDir(project),
  );
  const turn = { clock: project.clock, waitMs: 60_000, what: "the list of ports", signal: project.signal };
  return withMutex(join(shared, "ports.lock"), turn, async () => {
    const file = join(shared, "ports.json");
    const { commonDir } = project.repository;
    const ranges = await stillThere(await load(file), commonDir);
    const own = await ownPorts(project, ranges[commonDir] ?? {});
    const taken = new Set(Object.values({ ...ranges, [commonDir]: own }).flatMap((ports) => Object.keys(ports)));
    const port = firstFree(project.config.workspace.ports, taken);
    const now = project.clock.now();
    await mkdir(shared, { recursive: true });
    await writeFile(`${file}.new`, JSON.stringify({ ...ranges, [commonDir]: { ...own, [port]: now } }));
    await rename(`${file}.new`, file);
    return port;
  });
}

async function ownPorts(project: Project, known: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  const now = project.clock.now();
  const own = Object.fromEntries(Object.entries(known).filter(([, at]) => at > now - PROMISE_MS));
  for (const { marker } of await listWorkspaces(project)) if (marker.port !== null) own[String(marker.port)] ??= 0;
  return own;
}

/** Where all ranges are taken the last one is shared. */
function firstFree({ from, size }: Project["config"]["workspace"]["ports"], taken: ReadonlySet<string>): number {
  let port = from;
  while (taken.has(String(port)) && port + 2 * size <= 65_536) port += size;
  return port;
}

async function stillThere(ranges: Ranges, own: string): Promise<Ranges> {
  const kept: Record<string, Readonly<Record<string, number>>> = {};
  for (const [dir, ports] of Object.entries(ranges)) {
    const there = await access(dir).then(
      () => true,
      () => false,
    );
    if (there || dir === own) kept[dir] = ports;
  }
  return kept;
}

async function load(file: string): Promise<Ranges> {
  const text = await readFile(file, "utf8").catch(() => "{}");
  try {
    return JSON.parse(text) as Ranges;
  } catch {
    // Cut off by a full disk: the marks of the workspaces still say what is taken here.
    return {};
  }
}
