import { CST, isMap, isScalar, isSeq, type Pair } from "yaml";
import { BerthError } from "../errors.ts";

/** Maps and lists may stand in each other this many times. */
export const maxDepth = 40;
/** Characters of one value, at most. */
export const maxScalar = 1_000_000;
/** Keys that would change the object they are read into. */
export const unsafeKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const conflictMarker = /^(?:<{7}|\|{7}|>{7})(?:[ \t].*)?$/m;

/** @throws BerthError INVALID for merge-conflict markers and control characters, which may stand anywhere in the text */
export function checkText(text: string, file: string, firstLine: number): void {
  checkConflicts(text, file, firstLine);
  checkControls(text, file, firstLine);
}

function checkConflicts(text: string, file: string, firstLine: number): void {
  const found = conflictMarker.exec(text.replaceAll("\r", ""));
  if (!found) return;
  const line = text.replaceAll("\r", "").slice(0, found.index).split("\n").length + firstLine - 1;
  throw invalid(
    file,
    line,
    1,
    `a merge-conflict marker (${found[0].slice(0, 40)})`,
    "Finish the merge: keep one side or both, and remove the markers.",
  );
}

function checkControls(text: string, file: string, firstLine: number): void {
  // Where a carriage return stands alone, others see the end of a line, and of a comment.
  const found = /(?![\t\n\r\u0085])\p{Cc}|\r(?!\n|$)/u.exec(text);
  if (!found) return;
  const before = text.slice(0, found.index).split("\n");
  const what = `a control character (U+${found[0].charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()})`;
  const column = (before.at(-1)?.length ?? 0) + 1;
  throw invalid(
    file,
    before.length + firstLine - 1,
    column,
    what,
    "Remove it, or write it as an escape in double quotes.",
  );
}

/** Refuses what stands at an offset of the text, with the remedy. */
export type Refuse = (offset: number, what: string, hint: string) => never;

/**
 * Refuses tags, directives, depth and size, and anchors and aliases where they are not allowed. Tokens are walked before
 * anything is composed: composing recurses, and expands what is refused here.
 * @returns whether there are anchors or aliases
 */
export function checkTokens(tokens: readonly CST.Token[], refuse: Refuse, anchors: boolean): boolean {
  let aliased = false;
  const stack: Place[] = tokens.map((token) => ({ token, depth: 0 })).reverse();
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (checkToken(next, refuse, anchors)) aliased = true;
    pushChildren(next, stack);
  }
  return aliased;
}

interface Place {
  readonly token: CST.Token;
  /** Maps and lists around it. */
  readonly depth: number;
}

/** Whether the token is an anchor or an alias. */
function checkToken({ token, depth }: Place, refuse: Refuse, anchors: boolean): boolean {
  const { type, offset } = token;
  if (type === "alias" || type === "anchor") {
    if (!anchors) refuse(offset, `an ${type} (${token.source.slice(0, 40)})`, "Write the value out where it is used.");
    return true;
  }
  if (type === "tag")
    refuse(offset, `a tag (${token.source.slice(0, 40)})`, "Remove it; quote the value if it must stay text.");
  if (type === "directive") refuse(offset, "a directive", "Remove the line that begins with %.");
  if (CST.isCollection(token) && depth >= maxDepth)
    refuse(offset, `more than ${maxDepth} levels`, "Flatten the document.");
  if (CST.isScalar(token) && token.source.length > maxScalar)
    refuse(offset, `a value of ${token.source.length} characters`, "Keep long text in a file of its own.");
  return false;
}

/** Puts what a token holds onto the stack, the first of it uppermost: what is refused is the first such place. */
function pushChildren({ token, depth }: Place, stack: Place[]): void {
  if (token.type === "document") {
    if (token.value) stack.push({ token: token.value, depth });
    pushProperties(token.start, depth, stack);
  }
  if (token.type === "block-scalar") pushProperties(token.props, depth, stack);
  if (!CST.isCollection(token)) return;
  const below = depth + 1;
  for (let at = token.items.length - 1; at >= 0; at--) {
    const { start = [], key, sep, value } = token.items[at] ?? {};
    if (value) stack.push({ token: value, depth: below });
    if (sep) pushProperties(sep, below, stack);
    if (key) stack.push({ token: key, depth: below });
    pushProperties(start, below, stack);
  }
}

/** White space, comments and punctuation hold nothing that could be refused. */
function pushProperties(tokens: readonly CST.Token[], depth: number, stack: Place[]): void {
  for (let at = tokens.length - 1; at >= 0; at--) {
    const token = tokens[at];
    if (token && (token.type === "anchor" || token.type === "tag")) stack.push({ token, depth });
  }
}

/**
 * Refuses keys that stand twice in one map, or that JavaScript reserves, and numbers of which digits would be lost: an
 * identifier without quotes would be another one.
 */
export function checkValues(node: unknown, refuse: Refuse): void {
  if (isScalar(node) && typeof node.value === "number" && !isKept(node.value, node.source ?? ""))
    refuse(
      node.range?.[0] ?? 0,
      `a number whose digits would be lost (${node.source?.slice(0, 40)})`,
      "Put it in quotes.",
    );
  if (isSeq(node)) for (const item of node.items) checkValues(item, refuse);
  if (!isMap(node)) return;
  const seen = new Set<string>();
  for (const pair of node.items) {
    const { name, offset } = keyOf(pair);
    if (unsafeKeys.has(name)) refuse(offset, `the key ${name}`, "Rename the key; this name is reserved by JavaScript.");
    if (seen.has(name))
      refuse(offset, `the key ${JSON.stringify(name.slice(0, 60))} a second time`, "Keep one of the two.");
    seen.add(name);
    checkValues(pair.value, refuse);
  }
}

/** Fractions are rounded to what a number can be everywhere; a whole number is meant to the digit. */
function isKept(value: number, source: string): boolean {
  if (Number.isSafeInteger(value) && value !== 0) return true;
  if (/^[-+]?\d+$/.test(source)) return value === 0 || String(value) === source.replace(/^(-?)\+?0*/, "$1");
  if (/^0[ox]/.test(source)) return value === 0;
  const digits = source.replace(/[eE].*/, "");
  return value === 0 ? !/[1-9]/.test(digits) : Number.isFinite(value) || !/\d/.test(digits);
}

/** Name and place of a key in a checked document, whose keys are all text. */
export function keyOf(pair: Pair): { name: string; offset: number } {
  return isScalar(pair.key)
    ? { name: String(pair.key.value), offset: pair.key.range?.[0] ?? 0 }
    : { name: String(pair.key), offset: 0 };
}

/** The refusal of a document, naming the place. */
export function invalid(file: string, line: number, column: number, what: string, hint: string): BerthError {
  return new BerthError("INVALID", `${file}:${line}:${column}: ${what}.`, { hint, facts: { file, line, column } });
}
