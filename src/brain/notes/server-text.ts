/**
 * How a note's text is written on a server, and read back to the character. Servers keep what stands behind the front
 * matter as it is, but for a text that begins with front matter of its own (it becomes theirs) or is empty: such a text
 * stands in a fence, where people read it as well. What no server can send stands there as JSON.
 */
const FENCED = /^(`{3,})(text|json) note\n([^]*)\n\1\n?$/;
const FRONT = /^---[ \t]*\r?\n(?:[^]*?\r?\n)?---[ \t]*(?:\r?\n|$)(?:\r?\n)?/;

/** What is sent. */
export function sentText(text: string): string {
  if (!text.isWellFormed() || text.includes("\0")) return fenced("json", JSON.stringify(text));
  return text === "" || /^[\s\uFEFF]*---/.test(text) || FENCED.test(text) ? fenced("text", text) : text;
}

/** The text that a file of the server holds. */
export function textOfFile(file: string): string {
  const body = file.replace(FRONT, "");
  const [, , kind, inside = ""] = FENCED.exec(body) ?? [];
  if (kind === undefined) return body;
  return kind === "text" ? inside : (told(inside) ?? body);
}

function fenced(kind: "text" | "json", inside: string): string {
  const longest = Math.max(2, ...Array.from(inside.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${kind} note\n${inside}\n${fence}\n`;
}

function told(json: string): string | null {
  try {
    const text: unknown = JSON.parse(json);
    return typeof text === "string" ? text : null;
  } catch {
    return null;
  }
}
