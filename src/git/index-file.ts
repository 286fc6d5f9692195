import { copyFile, stat, utimes } from "node:fs/promises";
import type { Oid } from "./names.ts";
import type { Mode } from "./tree.ts";

/** One entry of an index, as its file has it. */
export interface IndexEntry {
  /** One character a byte. */
  readonly path: string;
  readonly mode: Mode;
  readonly oid: Oid;
  /** 0; 1 to 3 where a merge left base, ours and theirs. */
  readonly stage: number;
  /** Of the file when git last compared it, modulo 2^32; 0 also where git was not sure. */
  readonly size: number;
  /** git was told not to compare it (`assume-unchanged`, `skip-worktree`). */
  readonly unseen: boolean;
  /** It is left out of the work tree (`skip-worktree`). */
  readonly skipped: boolean;
  /** Only the wish to add it is there (`add --intent-to-add`), no content. */
  readonly intended: boolean;
}

/** What the file of an index holds. */
export interface IndexContent {
  /** Entries that are more than an ordinary file of one stage. */
  readonly notable: readonly IndexEntry[];
  /** The tree that all of it would be written as, where git remembers it. */
  readonly tree: Oid | null;
  /** Every entry: of a large index dear to make, and seldom needed. */
  all(): readonly IndexEntry[];
}

const STAT_BYTES = 40;

/** What is said of an entry besides its name. */
interface Head {
  /** Where the entry, and its name, begin. */
  readonly at: number;
  readonly name: number;
  readonly flags: number;
  readonly more: number;
}

/**
 * Reads the bytes of an index (versions 2 to 4), as gitformat-index(5) has them.
 * @param width of a raw object name
 * @returns the kind of a form that only git reads: split over two files, or with folders in place of their files
 */
export function readIndex(bytes: Buffer, width: number): IndexContent | "split" | "sparse" | "unknown" {
  const version = bytes.length < 12 ? 0 : bytes.readUInt32BE(4);
  if (version < 2 || version > 4 || bytes.toString("latin1", 0, 4) !== "DIRC") return "unknown";
  const walk = version === 4 ? walkCompressed : walkPlain;
  const notable: IndexEntry[] = [];
  const end = walk(bytes, width, (head, path) => {
    const link = (bytes[head.at + 26] ?? 0) >> 4 === 0xe;
    // Stage, `assume-unchanged` and the bits of the longer form.
    if (link || (head.flags & 0xf000) !== 0) notable.push(entryAt(bytes, width, head, path()));
  });
  const all = (): IndexEntry[] => {
    const entries: IndexEntry[] = [];
    walk(bytes, width, (head, path) => entries.push(entryAt(bytes, width, head, path())));
    return entries;
  };
  return specialForm(bytes, end, width) ?? { notable, tree: rememberedTree(bytes, end, width), all };
}

type Visit = (head: Head, path: () => string) => void;

function headAt(bytes: Buffer, at: number, width: number): Head {
  const flags = bytes.readUInt16BE(at + STAT_BYTES + width);
  const longer = (flags & 0x4000) !== 0;
  const more = longer ? bytes.readUInt16BE(at + STAT_BYTES + width + 2) : 0;
  return { at, name: at + STAT_BYTES + width + (longer ? 4 : 2), flags, more };
}

/** Versions 2 and 3: whole names, padded to eight bytes. @returns where the entries end */
function walkPlain(bytes: Buffer, width: number, visit: Visit): number {
  const count = bytes.readUInt32BE(8);
  let at = 12;
  for (let i = 0; i < count; i++) {
    const head = headAt(bytes, at, width);
    const short = head.flags & 0xfff;
    const end = short < 0xfff ? head.name + short : bytes.indexOf(0, head.name);
    visit(head, () => bytes.toString("latin1", head.name, end));
    at += (end - at + 8) & ~7;
  }
  return at;
}

/** Version 4: of each name what differs from the one before. */
function walkCompressed(bytes: Buffer, width: number, visit: Visit): number {
  const count = bytes.readUInt32BE(8);
  let [at, before] = [12, ""];
  for (let i = 0; i < count; i++) {
    const head = headAt(bytes, at, width);
    const { value, next } = readVarint(bytes, head.name);
    const end = bytes.indexOf(0, next);
    const path = before.slice(0, before.length - value) + bytes.toString("latin1", next, end);
    visit(head, () => path);
    [at, before] = [end + 1, path];
  }
  return at;
}

function entryAt(bytes: Buffer, width: number, { at, flags, more }: Head, path: string): IndexEntry {
  const skipped = (more & 0x4000) !== 0;
  return {
    path,
    mode: bytes
      .readUInt32BE(at + 24)
      .toString(8)
      .padStart(6, "0") as Mode,
    oid: bytes.toString("hex", at + STAT_BYTES, at + STAT_BYTES + width) as Oid,
    stage: (flags >> 12) & 3,
    size: bytes.readUInt32BE(at + 36),
    unseen: skipped || (flags & 0x8000) !== 0,
    skipped,
    intended: (more & 0x2000) !== 0,
  };
}

/** As git writes offsets: seven bits a byte, the highest first, each but the last one more than it says. */
function readVarint(bytes: Buffer, start: number): { value: number; next: number } {
  let at = start;
  let byte = bytes[at++] ?? 0;
  let value = byte & 0x7f;
  while (byte & 0x80) {
    byte = bytes[at++] ?? 0;
    value = ((value + 1) << 7) | (byte & 0x7f);
  }
  return { value, next: at };
}

function specialForm(bytes: Buffer, start: number, width: number): "split" | "sparse" | null {
  for (let at = start; at + 8 <= bytes.length - width; at += 8 + bytes.readUInt32BE(at + 4)) {
    const name = bytes.toString("latin1", at, at + 4);
    if (name === "link") return "split";
    if (name === "sdir") return "sparse";
  }
  return null;
}

/** The name of the file that holds the rest of a split index, beside it; null where the index is whole. */
export function sharedIndexOf(bytes: Buffer, width: number): string | null {
  if (readIndex(bytes, width) !== "split") return null;
  const at = bytes.lastIndexOf("link", undefined, "latin1");
  return `sharedindex.${bytes.toString("hex", at + 8, at + 8 + width)}`;
}

/**
 * The tree that an index would be written as, where it remembers: null after a change, and for whoever cannot tell.
 * @param end where the entries end
 */
function rememberedTree(bytes: Buffer, end: number, width: number): Oid | null {
  for (let at = end; at + 8 <= bytes.length - width; at += 8 + bytes.readUInt32BE(at + 4)) {
    if (bytes.toString("latin1", at, at + 4) !== "TREE") continue;
    const line = bytes.indexOf(10, at + 8);
    const count = /^\0(\d+) \d+$/.exec(bytes.toString("latin1", at + 8, line))?.[1];
    return count === undefined ? null : (bytes.toString("hex", line + 1, line + 1 + width) as Oid);
  }
  return null;
}

/**
 * Copies an index with its times: git trusts one only as far as it is younger than the files it describes. They are cut
 * off and never rounded up: an index that looks younger than it is hides edits of its last second.
 * @returns false where there is none
 */
export async function copyIndex(from: string, to: string): Promise<boolean> {
  const times = await stat(from).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (!times) return false;
  await copyFile(from, to);
  await setIndexTime(to, times.mtimeMs);
  return true;
}

/** Gives an index the time that it had. */
export async function setIndexTime(file: string, mtimeMs: number): Promise<void> {
  const seconds = Math.floor(mtimeMs) / 1000;
  await utimes(file, seconds, seconds);
}
