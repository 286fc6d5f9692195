import { mkdir, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeThrough } from "../../disk/durable.ts";
import { randomHex } from "../../hash.ts";
import { type Project, stateDir } from "../../project.ts";
import { withMutex } from "../../store/mutex.ts";

/** How two states that were written at once became one: the last one stands, or both changes do. */
export type Resolution = "lww" | "merge";

type Counts = Readonly<Record<Resolution, number>>;

/** Counts a conflict; programs that end after one call keep no counters in memory. */
export async function countConflict(project: Project, resolution: Resolution): Promise<void> {
  const file = fileOf(project);
  const { clock, signal } = project;
  await withMutex(`${file}.lock`, { clock, signal, waitMs: 30_000, what: "the counters of conflicts" }, async () => {
    const counts = await readConflicts(project);
    const part = `${file}.${randomHex(4)}`;
    await mkdir(dirname(file), { recursive: true });
    await writeThrough(part, JSON.stringify({ ...counts, [resolution]: counts[resolution] + 1 }));
    await rename(part, file);
  });
}

/** Conflicts since the repository has notes, in all of its workspaces. */
export async function readConflicts(project: Project): Promise<Counts> {
  const text = await readFile(fileOf(project), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "{}";
    throw error;
  });
  return { lww: 0, merge: 0, ...counted(text) };
}

/** A damaged counter begins anew: it is a figure for people, and nothing rests on it. */
function counted(text: string): Partial<Counts> {
  try {
    const value = JSON.parse(text) as Partial<Counts> | null;
    return Object.fromEntries(Object.entries(value ?? {}).filter(([, count]) => Number.isSafeInteger(count)));
  } catch {
    return {};
  }
}

function fileOf(project: Project): string {
  return join(stateDir(project), "brain", "conflicts.json");
}
