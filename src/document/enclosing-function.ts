/** Words that begin the definition of a function, method or class in the languages people write most. */
const KEYWORD =
  /^(?:(?:export|default|public|private|protected|internal|static|final|abstract|override|virtual|async|pub(?:\([^)]*\))?|unsafe|extern|inline|const|open|suspend|local)\s+)*(?:(?:function\*?|def|class|fn|func|fun|sub|module|interface|impl|struct|trait|enum|proc|procedure|method)\b\s*(?:\([^)]*\)\s*)?([\w$.!?]*))/;
/** `name = function`, `name: (a) =>`, `const name = async (a) =>`. */
const ASSIGNED =
  /^(?:(?:export|const|let|var|static|readonly|public|private|protected)\s+)*([\w$.]+)\s*[:=]\s*(?:async\s+)?(?:function\b|\([^()]*\)\s*(?::[^=]+)?=>|[\w$]+\s*=>)/;
/** `name(arguments) {`, `static async name(…)`, `void Type::name(…)`: what most others have. */
const CALLED = /^(?:[\w$<>[\],*&:~]+\s+)*\*?([\w$~]+(?:::~?[\w$]+)*)\s*\([^;]*\)?[^;]*\{\s*$/;
const STATEMENTS = new Set([
  "if",
  "for",
  "while",
  "switch",
  "catch",
  "else",
  "do",
  "return",
  "with",
  "foreach",
  "elif",
  "try",
  "match",
  "when",
]);

/**
 * The function, method or class around a line, as people name it: `login()`, `class Session`. Told by indentation and by
 * how definitions look in common languages, as git tells the context of a hunk; no parser, so it may be wrong or nothing.
 * @param line counted from 1
 */
export function enclosingFunction(lines: readonly string[], line: number): string | null {
  let depth = Number.POSITIVE_INFINITY;
  for (let at = Math.min(line, lines.length) - 1; at >= 0; at--) {
    const text = lines[at] ?? "";
    const body = text.trim();
    if (body === "") continue;
    const indent = text.length - text.trimStart().length;
    if (indent >= depth) continue;
    const name = definedBy(body);
    if (name !== null) return name;
    // A line of the body, or of an outer one: only what stands further out can be around it.
    if (!/^[)\]}]/.test(body)) depth = indent;
  }
  return null;
}

function definedBy(body: string): string | null {
  const keyword = KEYWORD.exec(body);
  if (keyword) {
    const kind = /\b(?:class|module|interface|impl|struct|trait|enum)\b/.exec(keyword[0])?.[0];
    const name = keyword[1] || /^impl\b[^{]*/.exec(body)?.[0].slice(4).trim() || "";
    if (name === "") return null;
    return kind === undefined ? `${name}()` : `${kind} ${name}`;
  }
  const name = ASSIGNED.exec(body)?.[1] ?? CALLED.exec(body)?.[1];
  return name === undefined || STATEMENTS.has(name) ? null : `${name}()`;
}
