import { open } from "node:fs/promises";

/** Writes a new file, and returns once its bytes are on the disk. */
export async function writeThrough(file: string, text: string): Promise<void> {
  const handle = await open(file, "wx");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Returns once the names of a folder are on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  // Not every system opens folders; there the rename is as durable as it gets.
  const handle = await open(folder, "r").catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
