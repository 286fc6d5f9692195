import { join } from "node:path";
import type { ConflictFile } from "./conflict-file.ts";
import { recall, remember } from "./place.ts";

/** What came of pairs that were compared before, by their keys, and what trees are without `.session/`. */
export interface PairMemory {
  readonly version: 2;
  /** The attributes that merges were made with. */
  readonly rules: string;
  readonly pairs: Readonly<Record<string, readonly ConflictFile[]>>;
  readonly code: Readonly<Record<string, string>>;
}

/** What does not conflict is a key alone; what does is remembered with its lines. */
const MOST_PAIRS = 5000;
const MOST_BYTES = 8_000_000;

function fileOf(memory: string): string {
  return join(memory, "pairs");
}

/** @param rules what was remembered under others does not count */
export async function recallPairs(memory: string, rules: string): Promise<PairMemory> {
  const found = await recall<PairMemory>(fileOf(memory));
  return found?.version === 2 && found.rules === rules ? found : { version: 2, rules, pairs: {}, code: {} };
}

/** Remembers what this look found, and of what was known before the newest, as far as there is room. */
export async function rememberPairs(memory: string, now: PairMemory, before: PairMemory): Promise<void> {
  const [fresh, old] = [Object.keys(now.pairs), Object.keys(before.pairs)];
  if (fresh.every((key) => Object.hasOwn(before.pairs, key)) && sameKeys(now.code, before.code)) return;
  const pairs = { ...now.pairs };
  let [count, bytes] = [fresh.length, JSON.stringify(pairs).length];
  for (const key of old) {
    const value = before.pairs[key];
    if (value === undefined || Object.hasOwn(pairs, key)) continue;
    bytes += key.length + (value.length === 0 ? 5 : JSON.stringify(value).length);
    if (++count > MOST_PAIRS || bytes > MOST_BYTES) break;
    pairs[key] = value;
  }
  await remember(fileOf(memory), { ...now, pairs });
}

function sameKeys(a: object, b: object): boolean {
  return Object.keys(a).every((key) => Object.hasOwn(b, key));
}
