import { chmod, lstat, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BerthError } from "../../errors.ts";
import { sha256 } from "../../hash.ts";

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
  const stat = await lstat(file, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (stat === null) return { text: null, mode: null, stamp: "none" };
  if (!stat.isFile()) throw unfit(shown, "is no file");
  if (stat.size > LARGEST) throw unfit(shown, "is larger than 32 MiB");
  const bytes = await readFile(file);
  return { text: decoded(bytes, shown), mode: Number(stat.mode) & 0o7777, stamp: stampOf(stat) };
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
    hint: `Lock it, then write it yourself: berth lock ${shown}`,
    facts: { path: shown },
  });
}

/**
 * Replaces a file at once and durably: whoever reads it sees the old text or the new one.
 * @returns false, with nothing changed, when somebody has written it since it was read
 */
export async function replaceText(file: string, text: string, was: FileText): Promise<boolean> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  // One name for each file: what a killed run left there is written over, and saves of a project never meet.
  const part = join(folder, `.${basename(file).slice(0, 200)}.berth-save`);
  try {
    await writeThrough(part, text);
    if (was.mode !== null) await chmod(part, was.mode);
    const stat = await lstat(file, { bigint: true }).catch(() => null);
    if ((stat === null ? "none" : stampOf(stat)) !== was.stamp) return false;
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
  await syncFolder(folder);
  return true;
}

async function writeThrough(file: string, text: string): Promise<void> {
  await rm(file, { force: true });
  const handle = await open(file, "wx");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Not every system opens folders; there the rename is as durable as it gets.
  const handle = await open(folder, "r").catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
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
