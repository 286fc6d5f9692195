import { areConflicts, conflictLines } from "./conflict-lines.ts";
import type { Page } from "./style.ts";
import { plain, plainBlock } from "./text.ts";
import { ago } from "./time.ts";

const MOST_ITEMS = 12;
const MOST_LINES = 20;

/** The facts of a failure as lines for people: what message and hint have said already is not said again. */
export function renderFacts(
  failure: {
    readonly message: string;
    readonly hint: string | null;
    readonly facts: Readonly<Record<string, unknown>>;
  },
  page: Page,
): string[] {
  const said = `${failure.message} ${failure.hint ?? ""}`;
  return Object.entries(failure.facts).flatMap(([key, value]) => {
    const label = page.style("dim", `${plain(labelOf(key))}:`);
    if (key === "winner" && isRecord(value)) return [winnerLine(value, page)];
    if (key === "holders" && Array.isArray(value)) return holderLines(value.filter(isRecord), said);
    if (areConflicts(value)) return conflictLines(value, page);
    if (Array.isArray(value)) return listLines(value, label, said);
    if (isRecord(value)) return [`${label} ${oneLine(value)}`];
    if (value === null || value === undefined || value === "" || typeof value === "boolean") return [];
    const text = typeof value === "string" ? value : JSON.stringify(value);
    if (said.includes(text.trim())) return [];
    return text.trim().includes("\n") ? [label, ...tail(text)] : [`${label} ${plain(text)}`];
  });
}

/** `claimedAt` as people read it: "claimed at". */
export function labelOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function winnerLine(winner: Readonly<Record<string, unknown>>, page: Page): string {
  const at = typeof winner["at"] === "string" ? winner["at"] : null;
  const since = at === null ? "" : `, since ${plain(at)} (${ago(at, page.now)})`;
  // A ticket is held by who moved its branch last, and has no epoch.
  const epoch = typeof winner["epoch"] === "number" ? `, epoch ${winner["epoch"]}` : "";
  return `held by ${page.style("bold", plain(String(winner["agent"])))}${epoch}${since}`;
}

/** Those who hold locks, without the one that the message has named. */
function holderLines(holders: readonly Readonly<Record<string, unknown>>[], said: string): string[] {
  const word = (value: unknown): string => (typeof value === "string" ? plain(value) : "");
  return holders
    .map(({ path, agent, role, expiresAt, reason }) => {
      const who = `${word(path)} is locked by ${word(agent)}${role ? ` (${word(role)})` : ""}`;
      return `${who} until ${word(expiresAt)}${reason ? `: ${word(reason)}` : ""}`;
    })
    .filter((line) => !said.includes(line));
}

function listLines(items: readonly unknown[], label: string, said: string): string[] {
  const texts = items.map((item) => (isRecord(item) ? oneLine(item) : plain(String(item))));
  // True for an empty list as well.
  if (texts.every((text) => said.includes(text))) return [];
  if (texts.every((text) => text.length < 24) && texts.join(", ").length < 80) return [`${label} ${texts.join(", ")}`];
  const more = texts.length > MOST_ITEMS ? [`  … and ${texts.length - MOST_ITEMS} more`] : [];
  return [label, ...texts.slice(0, MOST_ITEMS).map((text) => `  ${text}`), ...more];
}

/** The fields of a record on one line, the ones that identify it first and without their names. */
function oneLine(record: Readonly<Record<string, unknown>>): string {
  const { path, id, name, ...rest } = record;
  const head = [path, id, name].filter((part) => typeof part === "string").map(plain);
  const tailParts = Object.entries(rest).flatMap(([key, value]) => {
    if (value === null || value === undefined || value === "") return [];
    return [`${plain(labelOf(key))} ${plain(wordsOf(value))}`];
  });
  return [head.join(" "), tailParts.join(", ")].filter((part) => part !== "").join(": ");
}

function wordsOf(value: unknown): string {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join("; ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function tail(text: string): string[] {
  const all = plainBlock(text).trimEnd().split("\n");
  const shown = all.slice(-MOST_LINES).map((line) => `  ${line}`);
  return all.length > MOST_LINES ? [`  … ${all.length - MOST_LINES} lines before`, ...shown] : shown;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
