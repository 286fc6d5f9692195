import { link, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { randomHex, shortHash } from "../../hash.ts";
import type { Project } from "../../project.ts";
import { isLocalDisk } from "../../store/network-disk.ts";

type Place = Pick<Project, "machineDir">;

interface Known {
  readonly id: string;
  /** The number of this file on its disk: a copy of it elsewhere has another one. */
  readonly inode: string;
}

const FILE = "machine.json";

/**
 * What this machine is known by over its starts: a word in a file on its own disk, together with what the system says
 * (`/etc/machine-id`). Neither is enough: images bring one along to many machines, and a home may be shared by several.
 * A copy of the file is no word for the machine that it was copied to.
 * @returns null where there is none yet, or the folder is not on a disk of this machine alone
 */
export async function machineId({ machineDir }: Place): Promise<string | null> {
  const known = found.get(machineDir);
  if (known !== undefined) return known;
  const id = await readId(machineDir);
  if (id !== null) found.set(machineDir, id);
  return id;
}

/** It does not change while a process lives, and a look at fifty agents asks fifty times. */
const found = new Map<string, string>();

async function readId(machineDir: string): Promise<string | null> {
  try {
    if (!isLocalDisk(machineDir)) return null;
    const file = join(machineDir, FILE);
    const { id, inode } = JSON.parse(await readFile(file, "utf8")) as Known;
    if (typeof id !== "string" || inode !== (await inodeOf(file))) return null;
    return shortHash(`${id}\0${await readFile("/etc/machine-id", "utf8").catch(() => "")}`);
  } catch {
    // Nobody can be shown to be gone by it, and that is all.
    return null;
  }
}

/** As {@link machineId}; makes the word where there is none, unless nothing is to be kept. */
export async function machineOf(project: Place & Pick<Project, "store">): Promise<string | null> {
  const known = await machineId(project);
  return known ?? (project.store.rehearses ? null : writeId(project).catch(() => null));
}

async function writeId(place: Place): Promise<string | null> {
  const { machineDir } = place;
  await mkdir(machineDir, { recursive: true, mode: 0o700 });
  const file = join(machineDir, FILE);
  const copied = (await stat(file).catch(() => null)) !== null;
  const id = randomHex(16);
  const part = `${file}.${id}`;
  const handle = await open(part, "wx", 0o600);
  try {
    const { ino } = await handle.stat({ bigint: true });
    await handle.writeFile(JSON.stringify({ id, inode: String(ino) } satisfies Known));
    await handle.sync();
  } finally {
    await handle.close();
  }
  // Of several that make it at once the first one's counts.
  if (copied) await rename(part, file);
  else await link(part, file).catch(() => undefined);
  await rm(part, { force: true });
  return machineId(place);
}

async function inodeOf(file: string): Promise<string> {
  return String((await stat(file, { bigint: true })).ino);
}
