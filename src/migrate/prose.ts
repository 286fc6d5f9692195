import { statusOf, WORK_STATUS } from "../context/status-word.ts";
import type { Vocabulary } from "../context/vocabulary.ts";
import { headingText, type MarkdownLine, outline } from "../document/outline.ts";
import { type Fields, todoOfText } from "./fields.ts";
import { homeOf, LISTS } from "./synonyms.ts";

type Words = Pick<Vocabulary, "modes" | "phases" | "agents">;

/**
 * What can be recognised in prose with certainty: lines such as `**Phase:** scope` whose value can be nothing else, and
 * lists below a heading that names a list of a context. The text itself stays whole. [CTX-18]
 */
export function fieldsOfProse(text: string, words: Words): Fields {
  const { lines } = outline(text);
  return { ...said(lines, words), ...lists(lines), ...titleOf(lines) };
}

const line = /^[ \t]*(?:[-*+][ \t]+)?(?:\*\*|__)?([A-Za-z][A-Za-z _-]{1,30}?)(?:\*\*|__)?:(?:\*\*|__)?[ \t]+(\S.*)$/;

/** Keys that are said in a line of their own; one that is said twice is not certain. */
function said(lines: readonly MarkdownLine[], words: Words): Fields {
  const found = new Map<string, unknown>();
  const twice = new Set<string>();
  for (const { text, prose } of lines) {
    const [, name, raw] = prose ? (line.exec(text.trimEnd()) ?? []) : [];
    const home = name === undefined ? null : homeOf(name);
    if (home === null || raw === undefined) continue;
    const value = certain(home.join("."), raw.replace(/^`([^`]+)`$/, "$1"), words);
    if (value === undefined) continue;
    const key = home.join(".");
    if (found.has(key)) twice.add(key);
    found.set(key, value);
  }
  const fields: Record<string, unknown> = {};
  const task: Record<string, unknown> = {};
  for (const [key, value] of found) {
    if (twice.has(key)) continue;
    if (key.startsWith("task.")) task[key.slice("task.".length)] = value;
    else fields[key] = value;
  }
  return Object.keys(task).length > 0 ? { ...fields, task } : fields;
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})$/;

/** The value of a key as a line of prose says it; undefined where the line could mean something else. */
function certain(key: string, raw: string, { modes, phases, agents }: Words): unknown {
  const word = raw.toLowerCase();
  switch (key) {
    case "mode":
      return modes.has(word) ? word : undefined;
    case "phase":
      return phases.has(word) ? word : undefined;
    case "agent":
      return agents.includes(word) ? word : undefined;
    case "status":
      return statusOf(WORK_STATUS, raw) === null ? undefined : raw;
    case "started_at":
    case "last_updated":
      return TIME.test(raw) ? raw : undefined;
    case "branch":
    case "session_id":
      return /^[\w][\w./-]{2,120}$/.test(raw) ? raw : undefined;
    case "operator":
      return /^@?[A-Za-z\d][A-Za-z\d-]{0,38}$/.test(raw) ? raw.replace(/^@/, "") : undefined;
    case "task.issue_number": {
      const digits = /^#?([1-9]\d{0,14})$/.exec(raw)?.[1];
      return digits === undefined ? undefined : Number(digits);
    }
    case "task.url":
      return /^https?:\/\/\S+$/.test(raw) ? raw : undefined;
    default:
      return undefined;
  }
}

const item = /^(?:[-*+]|\d{1,4}[.)])[ \t]+(\S.*)$/;

/** Lists below headings that name them, where there is nothing but a plain list. */
function lists(lines: readonly MarkdownLine[]): Fields {
  const fields: Record<string, unknown> = {};
  const twice = new Set<string>();
  for (const [at, { level, text }] of lines.entries()) {
    const home =
      level > 0
        ? homeOf(
            headingText(text)
              .replace(/^[^A-Za-z]+/, "")
              .replace(/[^A-Za-z]+$/, ""),
          )
        : null;
    const key = home?.[1] === undefined ? home?.[0] : undefined;
    if (key === undefined || (key !== "todos" && !LISTS.has(key))) continue;
    const items = itemsBelow(lines, at);
    if (items === null) continue;
    if (Object.hasOwn(fields, key)) twice.add(key);
    fields[key] = key === "todos" ? items.map((one, index) => todoOfText(one, String(index + 1))) : items;
  }
  for (const key of twice) delete fields[key];
  return fields;
}

/** Every box that can be ticked: in a list of tasks each is a todo. */
export function boxesIn(text: string): Fields {
  const boxes = outline(text).lines.flatMap(({ text: one, prose }) => {
    const content = prose ? item.exec(one.trimEnd())?.[1] : undefined;
    return content !== undefined && /^\[[ xX]\][ \t]/.test(content) ? [content] : [];
  });
  return boxes.length === 0 ? {} : { todos: boxes.map((box, at) => todoOfText(box, String(at + 1))) };
}

/** The items of the list that a section consists of; null where there is something else in it, or nothing. */
function itemsBelow(lines: readonly MarkdownLine[], heading: number): string[] | null {
  const items: string[] = [];
  for (let at = heading + 1; at < lines.length; at++) {
    const { level, prose, text } = lines[at] ?? { level: 1, prose: false, text: "" };
    if (level > 0) break;
    if (text.trim() === "") continue;
    const content = prose ? item.exec(text.trimEnd())?.[1] : undefined;
    if (content === undefined) return null;
    items.push(content);
  }
  return items.length > 0 ? items : null;
}

/** Titles that every such document has, and that say nothing of the work. */
const GENERIC =
  /^(?:active sessions?(?: context)?|current state|next tasks?|session|handoff|session log|worklog|notes?)$/i;

/** The first heading of a document is its title. */
function titleOf(lines: readonly MarkdownLine[]): { readonly title?: string } {
  const first = lines.find(({ level, text }) => level === 1 && headingText(text) !== "");
  const title = first ? headingText(first.text).replace(/^(?:session|task|handoff):[ \t]*/i, "") : "";
  return title === "" || GENERIC.test(title) ? {} : { title };
}
