import { readJsonc, type JsoncMember, type JsoncNode } from "../../document/jsonc.ts";
import { nodeAt, withMember, withoutMember } from "../../document/jsonc-change.ts";
import { isJsonList, isJsonMap, type Json } from "../../document/json.ts";
import { BerthError } from "../../errors.ts";
import type { Entry, JsonFile } from "./entries.ts";

/** A text, and what is new in it or gone from it, in words. */
export interface Changed {
  readonly text: string;
  readonly what: readonly string[];
}

/**
 * Adds the entries that a file lacks. What is there stays, also where its user has changed it.
 * @param text null for no file
 * @throws BerthError INVALID, with the place, when the file is no JSON or has something else in the way
 */
export function withEntries(file: JsonFile, path: string, text: string | null): Changed {
  let now = text ?? `${JSON.stringify(file.frame, null, 2)}\n`;
  const what: string[] = [];
  for (const entry of file.entries) {
    const next = withEntry(now, entry, path);
    if (next !== now) what.push(inWords(entry));
    now = next;
  }
  return { text: now, what };
}

function withEntry(text: string, entry: Entry, path: string): string {
  const root = readJsonc(text, path);
  let node = root;
  for (const [depth, key] of entry.at.entries()) {
    if (node.kind !== "map") throw inTheWay(text, node, path, entry.at.slice(0, depth), "no object");
    const next = nodeAt(node, [key]);
    if (next === null) return withMember(text, root, node, key, wrapped(entry, depth + 1));
    node = next;
  }
  if (entry.kind === "server") return text;
  if (node.kind !== "list") throw inTheWay(text, node, path, entry.at, "no list");
  return node.members.some(({ node }) => runs(node.value, entry.command))
    ? text
    : withMember(text, root, node, null, entry.item);
}

/** What is missing from some depth on. */
function wrapped(entry: Entry, depth: number): Json {
  const inner: Json = entry.kind === "hook" ? [entry.item] : entry.value;
  return entry.at.slice(depth).reduceRight<Json>((value, key) => ({ [key]: value }), inner);
}

function inTheWay(text: string, { start }: JsoncNode, path: string, at: readonly string[], what: string): BerthError {
  const line = text.slice(0, start).split("\n").length;
  const name = at.length === 0 ? "what it holds" : at.join(".");
  return new BerthError("INVALID", `${path} cannot take the entries of Berth: ${name} is ${what}, in line ${line}.`, {
    hint: `Put ${path} right, then run the same command again.`,
    facts: { file: path, line },
  });
}

/** Whether a hook, or a group of hooks, runs a command. */
function runs(item: Json, command: string): boolean {
  if (!isJsonMap(item)) return false;
  if (item["command"] === command || item["bash"] === command) return true;
  const inner = item["hooks"];
  return isJsonList(inner) && inner.some((one) => runs(one, command));
}

/** Takes the entries of Berth out again, and what stood around them alone. @returns null for a file that was ours */
export function withoutEntries(file: JsonFile, path: string, text: string): Changed | null {
  let now = text;
  const what: string[] = [];
  for (const entry of file.entries)
    for (let next = withoutEntry(now, entry, path); next !== now; next = withoutEntry(now, entry, path)) {
      now = next;
      if (!what.includes(inWords(entry))) what.push(inWords(entry));
    }
  const empty = now.replaceAll(/\s/g, "") === JSON.stringify(file.frame);
  return what.length > 0 && empty ? null : { text: now, what };
}

function withoutEntry(text: string, entry: Entry, path: string): string {
  const root = readJsonc(text, path);
  const node = nodeAt(root, entry.at);
  if (node === null) return text;
  if (entry.kind === "server") {
    return isOurs(node.value) ? pruned(text, root, entry.at) : text;
  }
  const item = node.members.find((member) => runs(member.node.value, entry.command));
  if (item === undefined) return text;
  const handlers = nodeAt(item.node, ["hooks"]);
  const own = handlers?.members.find((member) => runs(member.node.value, entry.command));
  // Others may have put hooks of theirs into the same group.
  if (handlers && own && handlers.members.length > 1) return withoutMember(text, handlers, own);
  return node.members.length > 1 ? withoutMember(text, node, item) : pruned(text, root, entry.at);
}

/** Without the member at the end of keys, and without each map around it that has nothing else. */
function pruned(text: string, root: JsoncNode, at: readonly string[]): string {
  const parent = nodeAt(root, at.slice(0, -1));
  const member = parent && memberOf(parent, at.at(-1));
  if (!parent || !member) return text;
  if (parent.members.length > 1 || at.length === 1) return withoutMember(text, parent, member);
  const inside = text.slice(parent.start, member.start) + text.slice(member.node.end, parent.end);
  // A comment that somebody wrote there is not ours to remove.
  const commented = /\/[/*]/.test(inside);
  return commented ? withoutMember(text, parent, member) : pruned(text, root, at.slice(0, -1));
}

function memberOf(parent: JsoncNode, key: string | undefined): JsoncMember | undefined {
  return parent.members.find((member) => member.key === key);
}

function isOurs(value: Json): boolean {
  if (!isJsonMap(value)) return false;
  const { command } = value;
  return command === "berth" || (isJsonList(command) && command[0] === "berth");
}

function inWords({ kind, at }: Entry): string {
  return kind === "hook" ? `a hook at ${at.at(-1)}` : "the MCP server berth";
}
