import { BerthError } from "../errors.ts";
import type { Json } from "./json.ts";
import { printKeyPath } from "./key-path.ts";

/** A map or list that is open while a text is walked. */
interface Frame {
  /** The keys that a map had so far; null for a list. */
  readonly keys: Set<string> | null;
  key: string;
  index: number;
}

/**
 * Reads JSON of others, and takes nothing that would silently become something else: a key that a map has twice, of
 * which one value would be lost, and a whole number that has more digits than are kept.
 * @throws SyntaxError where it is no JSON
 * @throws BerthError INVALID naming the place
 */
export function readCheckedJson(text: string): Json {
  const value = JSON.parse(text) as Json;
  const open: Frame[] = [];
  const token = /["{}[\],]|-?\d[\d.eE+-]*/g;
  for (let found = token.exec(text); found; found = token.exec(text)) {
    const [written] = found;
    const frame = open.at(-1);
    if (written === "{" || written === "[") open.push({ keys: written === "{" ? new Set() : null, key: "", index: 0 });
    else if (written === "}" || written === "]") open.pop();
    else if (written === ",") {
      if (frame) frame.index++;
    } else if (written === '"') {
      const end = endOfString(text, found.index);
      token.lastIndex = end;
      if (frame?.keys && frame.keys.size === frame.index) addKey(open, frame.keys, text.slice(found.index, end));
    } else if (!isKept(written)) throw refused(open, `the number ${written} has more digits than can be kept`);
  }
  return value;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length;
    let escapes = 0;
    while (text[quote - 1 - escapes] === "\\") escapes++;
    if (escapes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

function addKey(open: readonly Frame[], keys: Set<string>, written: string): void {
  const key = JSON.parse(written) as string;
  const frame = open.at(-1);
  if (frame) frame.key = key;
  if (keys.has(key)) throw refused(open, "the key is there twice");
  keys.add(key);
}

/** Fractions are rounded to what a number can be everywhere; a whole number is meant to the digit. */
function isKept(written: string): boolean {
  const value = Number(written);
  if (/^-?\d+$/.test(written)) return String(value) === written || written === "-0";
  return Number.isFinite(value) && (value !== 0 || !/[1-9]/.test(written.replace(/[eE].*/, "")));
}

function refused(open: readonly Frame[], why: string): BerthError {
  const path = printKeyPath(open.map(({ keys, key, index }) => (keys ? key : String(index))));
  return new BerthError("INVALID", `The JSON cannot be taken as it is: at ${path || "the top"}, ${why}.`, {
    hint: "Write a long number as text, and each key once. Nothing was changed.",
    facts: { path },
  });
}
