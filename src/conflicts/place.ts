import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomHex, sha256 } from "../hash.ts";
import { type Project, scratchDir, stateDir } from "../project.ts";

/** What conflict prediction remembers between its looks; it may be deleted at any time. */
export function memoryDir(project: Pick<Project, "repository">): string {
  return join(stateDir(project), "conflicts");
}

/** What was remembered in a file, or null where there is nothing, or not what was written. */
export async function recall<T>(file: string): Promise<T | null> {
  const text = await readFile(file, "utf8").catch(() => "");
  const end = text.indexOf("\n");
  const body = text.slice(end + 1);
  // Damage would be taken for an answer: the first line proves the rest.
  if (end < 0 || text.slice(0, end) !== sha256(body)) return null;
  return JSON.parse(body) as T;
}

/** Remembers a value in a file, all of it or nothing. A folder that cannot be written costs only the memory. */
export async function remember(file: string, value: object): Promise<void> {
  const body = JSON.stringify(value);
  const temporary = `${file}.${process.pid}-${randomHex(3)}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, `${sha256(body)}\n${body}`);
    await rename(temporary, file);
  } catch {
    // It is found out again next time.
  }
}

/** Works with a folder that goes with the work. */
export async function withScratch<T>(
  project: Pick<Project, "repository">,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  await mkdir(scratchDir(project), { recursive: true });
  const folder = await mkdtemp(join(scratchDir(project), "conflicts-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
