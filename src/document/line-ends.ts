import { lineChanges } from "./line-diff.ts";
import { linesOf } from "./splice.ts";

/**
 * A text with the line ends of another version of it: a line that both have ends as it does there, any other as `end`
 * says. Two versions then differ in what they say alone.
 */
export function withLineEndsOf(model: string, text: string, end: "\n" | "\r\n"): string {
  if (!model.includes("\r\n") && !text.includes("\r\n") && end === "\n") return text;
  const [lines, others] = [linesOf(text), linesOf(model)];
  const result = lines.map((line) => line.replace(/\r?\n$/, end));
  let [at, otherAt] = [0, 0];
  const same = (until: number): void => {
    while (at < until) result[at++] = others[otherAt++] ?? "";
  };
  for (const { from, to, newTo } of lineChanges(lines.map(bare), others.map(bare))) {
    same(from);
    [at, otherAt] = [to, newTo];
  }
  same(lines.length);
  return result.join("");
}

function bare(line: string): string {
  return line.replace(/\r?\n$/, "\n");
}
