import { shellWord } from "../../shell-word.ts";
import type { Berth } from "../../open.ts";
import type { Page } from "../style.ts";
import { plain } from "../text.ts";

export type Conflict = Awaited<ReturnType<Berth["sharedGet"]>>["conflicts"][number];

/** A value for people: text as it is, the rest as JSON. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
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
        `  ${page.style("cyan", `berth shared resolve ${shellWord(path)} --take theirs`)}`,
      ].join("\n");
    })
    .join("\n");
}

function shortly(value: unknown): string {
  const text = value === undefined ? "(removed)" : (JSON.stringify(value) ?? "");
  return plain(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
