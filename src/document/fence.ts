import { BerthError } from "../errors.ts";

/** A document cut at the lines that enclose its front matter. The parts joined in order are the document again. */
export interface Fences {
  /** A byte-order mark, or nothing. */
  readonly mark: string;
  /** The first `---` line with its line end; empty where there is no front matter. */
  readonly open: string;
  /** What lies between the fences: YAML, not yet read. */
  readonly yaml: string;
  readonly close: string;
  readonly body: string;
  /** The line of the document that the body begins on. */
  readonly bodyLine: number;
}

const opening = /^---[ \t]*(?:\r?\n|$)/;
// Lines end at line feeds alone, as they do for YAML: to `^` a line separator is a line end too.
const closing = /(?<![^\n])---[ \t]*(?:\r?\n|$)/;

/**
 * Finds the front matter of a Markdown document without reading it.
 * @throws BerthError INVALID when it is opened and never closed, or when the document begins inside a merge conflict
 */
export function cutFences(text: string, file: string): Fences {
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const rest = text.slice(mark.length);
  if (/^<{7}[ \t]/.test(rest)) {
    throw new BerthError(
      "INVALID",
      `${file}:1:1: a merge-conflict marker (${rest.slice(0, 40).split(/\r?\n/)[0] ?? ""}).`,
      {
        hint: "Finish the merge: keep one side or both, and remove the markers.",
        facts: { file, line: 1, column: 1 },
      },
    );
  }
  const open = opening.exec(rest)?.[0] ?? "";
  if (open === "") return { mark, open, yaml: "", close: "", body: rest, bodyLine: 1 };
  const inner = rest.slice(open.length);
  const end = closing.exec(inner);
  if (!end) {
    throw new BerthError("INVALID", `${file}:1:1: the front matter opened here is never closed.`, {
      hint: "End it with a line of three dashes; if the document has none, begin it with a heading instead of ---.",
      facts: { file, line: 1, column: 1 },
    });
  }
  const yaml = inner.slice(0, end.index);
  const body = inner.slice(end.index + end[0].length);
  return { mark, open, yaml, close: end[0], body, bodyLine: yaml.split("\n").length + 2 };
}

/** The line a document's body begins on; 1 where front matter is missing, or is opened and never closed. */
export function bodyLine(text: string): number {
  const rest = text.replace(/^\uFEFF/, "");
  const open = opening.exec(rest)?.[0] ?? "";
  const end = open === "" ? null : closing.exec(rest.slice(open.length));
  return end ? rest.slice(0, open.length + end.index).split("\n").length + 1 : 1;
}

/** The line end most lines of the text have. */
export function lineEnd(text: string): "\n" | "\r\n" {
  const crlf = text.split("\r\n").length - 1;
  return crlf > 0 && crlf * 2 > text.split("\n").length - 1 ? "\r\n" : "\n";
}
