import type crypto from "node:crypto";

/**
 * Hashes and random names. `node:crypto` is loaded at the first call: it costs a start some milliseconds, and most verbs
 * that only read need no hash.
 */
const load = (): typeof crypto => process.getBuiltinModule("node:crypto");

/** SHA-256 of a text in UTF-8, as 64 hexadecimal digits. */
export function sha256(text: string): string {
  return load().createHash("sha256").update(text).digest("hex");
}

/** Sixteen hexadecimal digits that stand for a text, for the names of files. */
export function shortHash(text: string): string {
  return sha256(text).slice(0, 16);
}

/** Random bytes that nobody can guess, as two hexadecimal digits each. */
export function randomHex(bytes: number): string {
  return load().randomBytes(bytes).toString("hex");
}

/** A random UUID (version 4). */
export function randomId(): string {
  return load().randomUUID();
}
