import { existsSync } from "node:fs";
import { appendFile, mkdir, open, rename, truncate } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { lineChanges } from "../../document/line-diff.ts";
import { sha256 } from "../../hash.ts";
import type { NoteVersion } from "./note-store.ts";

/**
 * What a note said, one line of JSON a version, oldest first: whole, or as the lines that changed since the version
 * before it. A version is written here before it is shown: the file in which it waits says whether it ever was.
 */
interface Entry {
  readonly at: string;
  readonly checksum: string;
  readonly text?: string;
  readonly lines?: readonly (readonly [from: number, to: number, lines: readonly string[]])[];
  /** Versions since the last whole one. */
  readonly since: number;
  /** The file that became the note, seen from the journal's folder: while it is there, this version was never shown. */
  readonly part?: string;
}

/** After so many, one is whole again: damage of a line costs no more than these. */
const WHOLE_EVERY = 50;
const LARGEST = 16 * 1024 * 1024;
const KEPT_FILES = 4;
const LINE_END = 10;
/** To compare more lines takes longer than to write them. */
const MOST_LINES = 20_000;

/**
 * Makes the journal end with what the note says now: takes away what a killed run did not show, and adds what somebody
 * wrote by hand.
 * @param now what the note says; null where there is none
 */
export async function settle(file: string, now: NoteVersion | null): Promise<void> {
  const tail = await lastEntries(file);
  const last = tail.at(-1);
  if (last && isWaiting(file, last.entry)) {
    await truncate(file, last.at);
    return settle(file, now);
  }
  if (now && last?.entry.checksum !== now.checksum) await add(file, whole(now));
}

/**
 * Adds a version behind what the note says now.
 * @param part the file that will become the note
 * @param before what it says now; null where there is none
 */
export async function addVersion(
  file: string,
  version: NoteVersion,
  part: string,
  before: NoteVersion | null,
): Promise<void> {
  const last = (await lastEntries(file)).at(-1)?.entry;
  const since = (last?.since ?? 0) + 1;
  const follows = before !== null && last?.checksum === before.checksum && since < WHOLE_EVERY;
  const entry = follows ? shorter(version, before.text, since) : whole(version);
  await add(file, { ...entry, part: relative(dirname(file), part) });
}

/** Whether a version was written down and not shown: its writer is still at it, or was killed. */
function isWaiting(file: string, { part }: Entry): boolean {
  return part !== undefined && existsSync(join(dirname(file), part));
}

/** All versions that were ever shown, oldest first. What cannot be read any more is left out. */
export async function readJournal(file: string): Promise<NoteVersion[]> {
  const versions: NoteVersion[] = [];
  let before: string | null = null;
  for (const one of [...olderFiles(file).toReversed(), file]) {
    for (const { entry } of parsed(await bytesOf(one))) {
      const text = textOf(entry, before);
      before = text;
      if (text !== null && !isWaiting(file, entry)) versions.push({ at: entry.at, text, checksum: entry.checksum });
    }
  }
  return versions;
}

function whole({ at, text, checksum }: NoteVersion): Entry {
  return { at, checksum, since: 0, text };
}

function shorter(version: NoteVersion, before: string, since: number): Entry {
  const [old, now] = [before.split("\n"), version.text.split("\n")];
  if (Math.max(old.length, now.length) > MOST_LINES) return whole(version);
  const lines = lineChanges(old, now).map(
    ({ from, to, newFrom, newTo }) => [from, to, now.slice(newFrom, newTo)] as const,
  );
  const entry = { at: version.at, checksum: version.checksum, since, lines };
  return JSON.stringify(lines).length < version.text.length / 2 ? entry : whole(version);
}

/** Null where a version cannot be made again: it is not what was written, or one before it is missing. */
function textOf(entry: Entry, before: string | null): string | null {
  const text = entry.text ?? (before === null ? null : applied(before, entry.lines ?? []));
  return text !== null && sha256(text) === entry.checksum ? text : null;
}

function applied(before: string, changes: NonNullable<Entry["lines"]>): string {
  const lines = before.split("\n");
  for (const [from, to, now] of changes.toReversed()) lines.splice(from, to - from, ...now);
  return lines.join("\n");
}

async function add(file: string, entry: Entry): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const size = await endWhole(file);
  if (size > LARGEST) await turnOver(file);
  await appendFile(file, `${JSON.stringify(entry)}\n`, { flush: true });
}

/** Takes away half a line that a killed run left at the end. @returns the size in bytes, 0 where there is no file */
async function endWhole(file: string): Promise<number> {
  const { bytes, from } = await endOf(file, 1);
  if (bytes.length === 0 || bytes[0] === LINE_END) return from + bytes.length;
  const size = (await bytesOf(file)).lastIndexOf(LINE_END) + 1;
  await truncate(file, size);
  return size;
}

/** The oldest file goes, and each other one takes the next older name. */
async function turnOver(file: string): Promise<void> {
  const names = [file, ...olderFiles(file)];
  for (let i = names.length - 1; i > 0; i--) {
    const [newer, older] = [names[i - 1], names[i]];
    if (newer && older && existsSync(newer)) await rename(newer, older);
  }
}

function olderFiles(file: string): string[] {
  return Array.from({ length: KEPT_FILES - 1 }, (_, i) => `${file}.${i + 1}`);
}

/** The last few entries, each with where it begins in the file. */
async function lastEntries(file: string): Promise<{ readonly entry: Entry; readonly at: number }[]> {
  for (let size = 16_384; ; size *= 8) {
    const { bytes, from } = await endOf(file, size);
    const found = parsed(bytes, from > 0).map(({ entry, at }) => ({ entry, at: at + from }));
    if (from === 0 || found.length > 0) return found;
  }
}

async function endOf(file: string, size: number): Promise<{ readonly bytes: Buffer; readonly from: number }> {
  const handle = await open(file, "r").catch(() => null);
  if (handle === null) return { bytes: Buffer.alloc(0), from: 0 };
  try {
    const length = (await handle.stat()).size;
    const from = Math.max(0, length - size);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length - from), 0, length - from, from);
    return { bytes: buffer.subarray(0, bytesRead), from };
  } finally {
    await handle.close();
  }
}

async function bytesOf(file: string): Promise<Buffer> {
  return (await endOf(file, Number.MAX_SAFE_INTEGER)).bytes;
}

/** Entries of whole lines. @param cut the first line is the end of one */
function parsed(bytes: Buffer, cut = false): { readonly entry: Entry; readonly at: number }[] {
  const found: { entry: Entry; at: number }[] = [];
  let at = cut ? bytes.indexOf(LINE_END) + 1 : 0;
  for (let end = bytes.indexOf(LINE_END, at); end !== -1; at = end + 1, end = bytes.indexOf(LINE_END, at)) {
    const entry = parseEntry(bytes.toString("utf8", at, end));
    if (entry) found.push({ entry, at });
  }
  return found;
}

function parseEntry(line: string): Entry | null {
  try {
    const entry = JSON.parse(line) as Entry | null;
    return typeof entry?.checksum === "string" && typeof entry.at === "string" ? entry : null;
  } catch {
    return null;
  }
}
