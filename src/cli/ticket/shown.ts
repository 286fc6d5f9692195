import type { Page } from "../style.ts";
import { plain } from "../text.ts";

interface Item {
  readonly number: number;
  readonly text: string;
  readonly done: boolean;
  readonly required: boolean;
}

/** A checklist with the numbers that `ticket tick` takes. */
export function itemLines(items: readonly Item[], page: Page): string[] {
  const width = String(items.length).length;
  return items.map(({ number, text, done, required }) => {
    const line = `${String(number).padStart(width)} [${done ? "x" : " "}] ${plain(text)}${required ? " *" : ""}`;
    return done ? page.style("dim", line) : line;
  });
}
