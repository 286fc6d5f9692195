import { BerthError } from "../../errors.ts";

const SEGMENT = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\/:*?"<>|]{1,120}$/u;

/**
 * Checks a note's path: names with `/` between them, which every file system and server can hold.
 * @throws BerthError INVALID
 */
export function requireNotePath(path: string): string {
  const segments = path.split("/");
  const fits =
    path.length <= 300 &&
    segments.every(
      (name) => SEGMENT.test(name) && !/^[. ]|[. ]$/.test(name) && name.normalize("NFC") === name && bytes(name) <= 200,
    );
  if (fits) return path;
  throw new BerthError("INVALID", `${JSON.stringify(path)} cannot be the path of a note.`, {
    hint: "Write names with / between them, for example sessions/session; no name begins or ends with a dot or space.",
    facts: { path },
  });
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}

/** Whether a path matches a pattern: `*` any part of a name, `**` any folders, `?` one character. */
export function matchesNote(pattern: string): (path: string) => boolean {
  const source = pattern
    .split(/(\*\*\/?|\*|\?)/)
    .map((part) => {
      if (part === "**/") return "(?:[^/]+/)*";
      if (part === "**") return ".*";
      if (part === "*") return "[^/]*";
      if (part === "?") return "[^/]";
      return part.replace(/[$()+.[\\\]^{|}]/g, "\\$&");
    })
    .join("");
  const expression = new RegExp(`^${source}$`, "u");
  return (path) => expression.test(path);
}
