import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sourceFiles } from "./imports.ts";
import { report } from "./report.ts";

/** A block this long may stand in one place only. */
export const longestRepeat = 8;

interface Line {
  readonly file: string;
  readonly number: number;
  readonly text: string;
}

/** Finds blocks of more than `longestRepeat` equal lines, not counting imports, comments, blanks and lone brackets. */
export function duplicateProblems(folder: string): string[] {
  const seen = new Map<string, Line>();
  const problems: string[] = [];
  for (const file of sourceFiles(folder)) {
    const lines = tellingLines(file, readFileSync(join(folder, file), "utf8"));
    let reportedUpTo = 0;
    for (let first = 0; first + longestRepeat < lines.length; first++) {
      const block = lines.slice(first, first + longestRepeat + 1);
      const [start, end] = [block[0], block.at(-1)];
      if (start === undefined || end === undefined) continue;
      const key = block.map(({ text }) => text).join("\n");
      const earlier = seen.get(key);
      if (earlier === undefined) seen.set(key, start);
      else if (first >= reportedUpTo) {
        reportedUpTo = first + block.length;
        problems.push(
          `src/${file}:${start.number}-${end.number} repeats src/${earlier.file}:${earlier.number}: ` +
            `more than ${longestRepeat} equal lines; give them one home`,
        );
      }
    }
  }
  return problems;
}

function tellingLines(file: string, source: string): Line[] {
  // Blanked, not removed, so that the line numbers stay true.
  const blank = (text: string): string => text.replaceAll(/[^\n]/g, "");
  return source
    .replaceAll(/^import\b[^;]*;/gm, blank)
    .replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, blank)
    .split("\n")
    .map((text, index) => ({ file, number: index + 1, text: text.replace(/\s+\/\/ .*$/, "").trim() }))
    .filter(({ text }) => /\w/.test(text) && !text.startsWith("//"));
}

if (import.meta.main) report("duplicates", duplicateProblems(join(import.meta.dirname, "../src")));
