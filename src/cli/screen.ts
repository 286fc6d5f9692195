import { type Page, pageFor } from "./style.ts";
import type { Terminal } from "./terminal.ts";

/** A terminal that one verb has for itself, and repaints. */
export interface Screen {
  /** Shows text instead of what was shown; what does not fit is cut at the end, and counted. */
  readonly paint: (textFor: (page: Page) => string) => void;
  /** Gives the terminal back as it was. */
  readonly end: () => void;
}

/** Takes the terminal of standard output. */
export function openScreen({ stdout, env, now }: Terminal): Screen {
  stdout.write("\u001b[?1049h\u001b[?25l");
  return {
    paint: (textFor) => {
      const page = pageFor(stdout, env, now());
      const lines = textFor(page).split("\n");
      const height = Math.max(2, stdout.rows ?? 24);
      const kept = lines.length > height ? lines.slice(0, height - 1) : lines;
      if (kept.length < lines.length) kept.push(page.style("dim", `… ${lines.length - kept.length} more lines`));
      stdout.write(`\u001b[H${kept.map((line) => `${line}\u001b[K`).join("\n")}\u001b[J`);
    },
    end: () => void stdout.write("\u001b[?25h\u001b[?1049l"),
  };
}
