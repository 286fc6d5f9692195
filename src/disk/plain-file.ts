import { lstat, readFile } from "node:fs/promises";

/** The text of a file; null where there is none, or a link or folder in its place: a link may lead out of a checkout. */
export async function readPlainFile(path: string): Promise<string | null> {
  const found = await lstat(path).catch(() => null);
  return found?.isFile() ? readFile(path, "utf8").catch(() => null) : null;
}
