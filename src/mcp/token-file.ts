import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { lstat, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { BerthError } from "../errors.ts";

/**
 * The token of a server, from a file that its user alone can read; made where there is none. One that others could
 * have read is replaced by a new one.
 * @throws BerthError FAILED where something else than a file of this user stands there
 */
export async function tokenIn(file: string): Promise<string> {
  const at = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (at && (!at.isFile() || (process.getuid !== undefined && at.uid !== process.getuid())))
    throw new BerthError("FAILED", `${file} is no file of this user, and holds no token to trust.`, {
      hint: "Look who put it there, remove it, and start the server again.",
    });
  const known = at && (at.mode & 0o077) === 0 ? (await readFile(file, "utf8")).trim() : "";
  if (/^[0-9a-f]{64}$/.test(known)) return known;
  const token = randomBytes(32).toString("hex");
  const part = `${file}.${process.pid}`;
  await mkdir(dirname(file), { recursive: true });
  await rm(part, { force: true });
  await writeFile(part, `${token}\n`, { mode: 0o600, flag: "wx" });
  await rename(part, file);
  return token;
}

/** Whether a header carries a token; how long that takes says nothing of it. */
export function bears(header: string | null, token: string): boolean {
  const given = /^Bearer ([!-~]+)$/i.exec(header ?? "")?.[1] ?? "";
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
