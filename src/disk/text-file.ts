import { chmod, lstat, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BerthError } from "../errors.ts";
import { randomHex, sha256 } from "../hash.ts";
import { operand } from "../shell-word.ts";
import { syncFolder, writeThrough } from "./durable.ts";

/** A file as it was read, so that its replacement can tell whether it is still the same. */
export interface FileText {
  /** Null where there is no file. */
  readonly text: string | null;
  readonly mode: number | null;
  /** What changes whenever somebody writes it. */
  readonly stamp: string;
}

const LARGEST = 32 * 1024 * 1024;

/**
 * Reads a file that is to be saved.
 * @throws BerthError INVALID for a folder, and for what is no UTF-8 text or larger than 32 MiB
 */
export async function readText(file: string, shown: string): Promise<FileText> {
  const { bytes, mode, stamp } = await readBytes(file, shown);
  return { text: bytes && decoded(bytes, shown), mode, stamp };
}

/** The refusal of a file, which is named and told what is wrong with it. */
type Refusal = (shown: string, why: string) => BerthError;

/**
 * Reads a file whose text may be damaged.
 * @throws BerthError INVALID for a folder, a link or a pipe, and for what is larger than 32 MiB
 */
export async function readBytes(
  file: string,
  shown: string,
  refused: Refusal = unfit,
): Promise<Pick<FileText, "mode" | "stamp"> & { readonly bytes: Buffer | null }> {
  const found = await lstat(file, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    if (error.code === "ENOTDIR") throw refused(shown, "has a file where a folder would be");
    if (error.code === "ENAMETOOLONG") throw refused(shown, "has a name that is too long");
    throw error;
  });
  if (found === null) return { bytes: null, mode: null, stamp: "none" };
  if (found.isSymbolicLink()) throw refused(shown, "is a link, and no file of its own");
  if (!found.isFile()) throw refused(shown, found.isDirectory() ? "is a folder" : "is no file");
  if (found.size > LARGEST) throw refused(shown, "is larger than 32 MiB");
  return { bytes: await readFile(file), mode: Number(found.mode) & 0o7777, stamp: stampOf(found) };
}

function stampOf({
  ino,
  size,
  mtimeNs,
  ctimeNs,
}: {
  ino: bigint;
  size: bigint;
  mtimeNs: bigint;
  ctimeNs: bigint;
}): string {
  return [ino, size, mtimeNs, ctimeNs].join(" ");
}

function decoded(bytes: Buffer, shown: string): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // Said below, with what to do.
  }
  throw unfit(shown, "is no UTF-8 text");
}

function unfit(shown: string, why: string): BerthError {
  return new BerthError("INVALID", `${shown} ${why}, and cannot be merged by line.`, {
    hint: `Lock it, then write it yourself: berth lock ${operand(shown)}`,
    facts: { path: shown },
  });
}

/**
 * Replaces a file at once and durably: whoever reads it sees the old text or the new one.
 * @param scratch a folder of ours, where the new text is written, so that a killed run leaves nothing among the files
 * @returns false, with nothing changed, when somebody has written it since it was read
 */
export async function replaceText(
  file: string,
  text: string,
  was: Pick<FileText, "mode" | "stamp">,
  scratch: string,
): Promise<boolean> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  // From another disk nothing can be moved at once.
  const own = await onOneDisk(folder, scratch);
  const part = join(own ? scratch : folder, `.berth-save-${randomHex(8)}`);
  try {
    await writeThrough(part, text);
    if (was.mode !== null) await chmod(part, was.mode);
    const now = await lstat(file, { bigint: true }).catch(() => null);
    if ((now === null ? "none" : stampOf(now)) !== was.stamp) return false;
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
  await syncFolder(folder);
  return true;
}

async function onOneDisk(folder: string, scratch: string): Promise<boolean> {
  await mkdir(scratch, { recursive: true });
  return (await stat(folder)).dev === (await stat(scratch)).dev;
}

/** What a text is known by: SHA-256 of its bytes. */
export function textHash(text: string): string {
  return `sha256:${sha256(text)}`;
}

/** What git knows a text by that no filter changed: SHA-1 or SHA-256 of its blob. */
export function blobNames(text: string): readonly string[] {
  const { createHash } = process.getBuiltinModule("node:crypto");
  const bytes = Buffer.from(text);
  return ["sha1", "sha256"].map((algorithm) =>
    createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest("hex"),
  );
}
