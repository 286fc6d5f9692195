import { criteria, section } from "../document/checklist.ts";
import { type FrontMatter, parseFrontMatter } from "../document/front-matter.ts";
import { headingText, outline } from "../document/outline.ts";
import { BerthError } from "../errors.ts";
import { dateOf, isCalendarDate, isSessionId, sessionId } from "./session-id.ts";

/** What a session is about: the front matter of its SESSION.md. */
export interface SessionPlan {
  readonly id: string;
  readonly title: string;
  readonly priority: Priority;
  /** What an agent must be able to do to take the session. */
  readonly capabilities: readonly string[];
  /** Sessions that must be completed before this one is claimed. */
  readonly depends: readonly string[];
  /** Globs of the files it means to touch. */
  readonly paths: readonly string[];
  /** The session this one was split off from. */
  readonly parent: string | null;
  /** A date or a time, ISO 8601. */
  readonly created: string;
  /** The ticket that the session works, where it works one. */
  readonly ticket?: string;
}

export type Priority = "now" | "next" | "future";

/**
 * Reads the plan of a session. A document without front matter, or with some keys left out, is completed from its
 * first heading and from the date in the id; keys of a team's own are left alone.
 * @throws BerthError INVALID with every problem at once (`facts.problems`: line, key, found, expected)
 */
export function parsePlan(text: string, expectedId: string, file: string): SessionPlan {
  sessionId(expectedId);
  if (text.includes("\0")) {
    throw new BerthError("INVALID", `${file} is not text.`, {
      hint: "Write it as Markdown; other files may stand beside it.",
      facts: { file },
    });
  }
  const document = parseFrontMatter(text, file);
  const problems: PlanProblem[] = [];
  const field = <T>(key: string, fallback: T, expected: string, read: (value: unknown) => T | undefined): T => {
    const value = document.data[key] ?? undefined;
    if (value === undefined) return fallback;
    const result = read(value);
    if (result === undefined) problems.push({ line: document.lines.get(key) ?? 1, key, found: shown(value), expected });
    return result ?? fallback;
  };
  const list = (key: string, expected: string, fits: (item: string) => boolean): readonly string[] =>
    field<readonly string[]>(key, [], `a list of ${expected}`, (value) => readList(value, fits));
  const plan: SessionPlan = {
    id: field("id", expectedId, expectedId, (value) => (value === expectedId ? value : undefined)),
    title: field("title", titleFrom(document, expectedId), "one line of text, at most 200 characters", readTitle),
    priority: field("priority", "next", "now, next or future", readPriority),
    capabilities: list("capabilities", "words such as rust or front-end", isCapability),
    depends: list("depends", "ids of other sessions", (item) => isSessionId(item) && item !== expectedId),
    paths: list("paths", "patterns inside the repository such as src/auth/**", isPattern),
    parent: field<string | null>("parent", null, "the id of another session", (value) =>
      typeof value === "string" && isSessionId(value) && value !== expectedId ? value : undefined,
    ),
    created: field("created", dateOf(expectedId), "a date or time such as 2025-10-14T09:30:00Z", readTime),
    ...ticketOf(document.data),
  };
  if (problems.length > 0) throw notUsable(file, problems);
  return plan;
}

/** What is no name at all is a key of the team's own, as every other one that is not known. */
function ticketOf({ ticket }: Readonly<Record<string, unknown>>): { readonly ticket?: string } {
  return typeof ticket === "string" && /^[\w.-]{1,110}$/.test(ticket) ? { ticket } : {};
}

/** What a draft still lacks before it can be planned, as clauses of a sentence; empty when nothing. */
export function planProblems(text: string, file: string): string[] {
  const { body } = parseFrontMatter(text, file);
  const context = section(body, "Context");
  const boxes = criteria(body);
  const problems: string[] = [];
  if (context === null) problems.push(`${file} has no section "Context"`);
  else if (isPlaceholder(context)) problems.push(`the section "Context" of ${file} is not filled in`);
  if (section(body, "Acceptance Criteria") === null) problems.push(`${file} has no section "Acceptance Criteria"`);
  else if (boxes.every((box) => isPlaceholder(box.text))) {
    problems.push(`the section "Acceptance Criteria" of ${file} has no criterion (a line "- [ ] text")`);
  }
  return problems;
}

interface PlanProblem {
  readonly line: number;
  readonly key: string;
  readonly found: string;
  readonly expected: string;
}

function notUsable(file: string, problems: readonly PlanProblem[]): BerthError {
  const each = problems.map(
    ({ line, key, found, expected }) => `line ${line}, ${key}: found ${found}, expected ${expected}`,
  );
  return new BerthError("INVALID", `${file} is not usable: ${each.join("; ")}.`, {
    hint: "Correct these keys of the front matter.",
    facts: { file, problems },
  });
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** Characters that end a line, or show a text in another order than it has. */
const hidden = /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/u;

function readTitle(value: unknown): string | undefined {
  const title = typeof value === "number" ? String(value) : value;
  return typeof title === "string" && title.trim() !== "" && title.length <= 200 && !hidden.test(title)
    ? title.trim()
    : undefined;
}

function titleFrom(document: FrontMatter, id: string): string {
  const heading = outline(document.body).lines.find((line) => line.level > 0 && readTitle(headingText(line.text)));
  return heading ? headingText(heading.text) : id.slice(id.indexOf(dateOf(id)) + 11).replaceAll("-", " ");
}

function readPriority(value: unknown): Priority | undefined {
  return value === "now" || value === "next" || value === "future" ? value : undefined;
}

function readTime(value: unknown): string | undefined {
  const form = /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
  const date = typeof value === "string" ? form.exec(value)?.[1] : undefined;
  return date && isCalendarDate(date) ? (value as string) : undefined;
}

function readList(value: unknown, fits: (item: string) => boolean): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length > 1000) return undefined;
  const items = value as unknown[];
  return items.every((item) => typeof item === "string" && fits(item)) ? [...new Set(items as string[])] : undefined;
}

function isCapability(text: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._+#/:@-]{0,80}$/u.test(text);
}

function isPattern(text: string): boolean {
  return (
    text !== "" &&
    text.length <= 300 &&
    !/^[-/]|\\|^[A-Za-z]:/.test(text) &&
    !hidden.test(text) &&
    !text.split("/").includes("..")
  );
}

/** True for text that a template or a hurried hand leaves where something should be said. */
function isPlaceholder(text: string): boolean {
  const said = text
    .replaceAll(/<!--[\s\S]*?(?:-->|$)/g, "")
    .replaceAll(/^#{1,6}[ \t].*$/gm, "")
    .trim()
    .slice(0, 500);
  const bare = said.replace(/^[\s>*_`~-]+|[\s*_`~.:!…-]+$/gu, "");
  return (
    bare === "" ||
    /^(?:todo|tbd|tba|fixme|xxx+|n\/?a|none|placeholder|\?+|\.+|(?:criterion|context)(?: \d+)?|to be (?:defined|determined|decided|written|done|filled in)|fill (?:this )?in|lorem ipsum.*)$/is.test(
      bare,
    ) ||
    /^(?:todo|tbd|fixme)\b/i.test(bare) ||
    /^(?:\[[^\]]*\]|<[^>]*>|\{+[^}]*\}+)$/.test(bare)
  );
}
