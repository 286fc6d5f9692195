import { readFile, stat } from "node:fs/promises";
import { BerthError } from "../../errors.ts";

/** The text of a file; null where there is none. What cannot be read is not taken for absent. */
export async function textAt(file: string): Promise<string | null> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
  // A pipe would be waited for without end.
  if (found === null || found.isFile()) return found && readFile(file, "utf8");
  throw new BerthError("INVALID", `${file} is no file.`, { hint: "Move what is in its place elsewhere." });
}
