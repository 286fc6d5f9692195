import { operand } from "../../shell-word.ts";
import type { Berth } from "../../open.ts";
import type { Page } from "../style.ts";
import { escapeInvisible, plain, plainBlock } from "../text.ts";

export type Conflict = Awaited<ReturnType<Berth["sharedGet"]>>["conflicts"][number];

/** A value for people: text as it is, the rest as JSON. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/**
 * A value for people: on a terminal a text cannot move the cursor, and a text of several lines, or one that Berth's own
 * words follow, is indented, so that none of it passes for those words. A pipe is given a value exactly as it is. [INV-9]
 */
export function shownValue(value: unknown, onTerminal: boolean, isFollowed: boolean): string {
  const text = valueText(value);
  if (typeof value !== "string") return onTerminal ? escapeInvisible(text) : text;
  const shown = onTerminal ? plainBlock(text) : text;
  return isFollowed || (onTerminal && shown.trimEnd().includes("\n")) ? indented(shown) : shown;
}

function indented(text: string): string {
  return text
    .split(/\r\n?|[\n\v\f\u0085\u2028\u2029]/u)
    .map((line) => `  ${line}`)
    .join("\n");
}

/** Open conflicts, with both values and who wrote them. */
export function conflictText(conflicts: readonly Conflict[], page: Page): string {
  return conflicts
    .map(({ path, ours, theirs, oursBy, theirsBy }) => {
      const where = path || '""';
      return [
        `${page.style("red", "conflict")} at ${page.style("bold", plain(where))}`,
        `  ours    ${plain(oursBy ?? "somebody")}: ${shortly(ours)}`,
        `  theirs  ${plain(theirsBy)}: ${shortly(theirs)}`,
        `  ${page.style("cyan", `berth shared resolve ${operand(path, "--take theirs")}`)}`,
      ].join("\n");
    })
    .join("\n");
}

function shortly(value: unknown): string {
  const text = value === undefined ? "(removed)" : (JSON.stringify(value) ?? "");
  return plain(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
