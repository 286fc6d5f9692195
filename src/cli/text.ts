import { stripVTControlCharacters } from "node:util";

/**
 * Text of unknown origin as one harmless line: no escape sequences, no control, format or bidirectional characters,
 * line ends and tabs as spaces. The joiner inside an emoji stays.
 */
export function plain(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.trim();
  return withoutFormat(stripVTControlCharacters(text).replace(/[^\S ]+/gu, " "))
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, "")
    .trim();
}

/** The same for text of several lines: line ends and tabs stay. */
export function plainBlock(text: string): string {
  if (/^[\x20-\x7e\n\t]*$/.test(text)) return text;
  return withoutFormat(stripVTControlCharacters(text).replace(/\r\n?|\p{Zl}|\p{Zp}/gu, "\n")).replace(
    /[^\P{Cc}\n\t]/gu,
    "",
  );
}

function withoutFormat(text: string): string {
  return text.toWellFormed().replace(/(?<!\p{Extended_Pictographic}\u{fe0f}?)\u{200d}|[^\P{Cf}\u{200d}]/gu, "");
}

/** Within JSON every character may be written as an escape: what could reorder or hide a terminal's text is. */
export function escapeInvisible(json: string): string {
  return json.replace(/[\p{Cf}\p{Zl}\p{Zp}\x7f-\x9f]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}

/** A commit as people name it. */
export function shortCommit(commit: string): string {
  return plain(commit).slice(0, 10);
}

/** How many columns of a terminal a line takes. */
export function widthOf(line: string): number {
  if (/^[\x20-\x7e]*$/.test(line)) return line.length;
  let width = 0;
  for (const { segment } of graphemes(stripVTControlCharacters(line))) width += graphemeWidth(segment);
  return width;
}

/** The line cut to a width, its last column an ellipsis where something was cut. The line holds no escape sequences. */
export function fit(line: string, width: number): string {
  if (widthOf(line) <= width) return line;
  if (width < 1) return "";
  let kept = "";
  let used = 0;
  for (const { segment } of graphemes(line)) {
    used += graphemeWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** The text broken at spaces into lines of at most `width` columns, each but the first begun with `indent`. */
export function wrap(text: string, width: number, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && widthOf(longer) + (lines.length > 0 ? indent.length : 0) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].join(`\n${indent}`);
}

let segmenter: Intl.Segmenter | undefined;
function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/** East Asian wide and full-width characters. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u;

function graphemeWidth(grapheme: string): number {
  if (/^[\p{Cc}\p{Cf}\p{Mn}\p{Me}]+$/u.test(grapheme)) return 0;
  if (WIDE.test(grapheme) || /^\p{Emoji_Presentation}|\u{fe0f}/u.test(grapheme)) return 2;
  return 1;
}
