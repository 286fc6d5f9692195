import { readFile } from "node:fs/promises";

/** The text of a file; null where there is none. What cannot be read is not taken for absent. */
export async function textAt(file: string): Promise<string | null> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
}
