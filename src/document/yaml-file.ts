import { lineEnd } from "./fence.ts";
import { setFields } from "./front-matter.ts";
import { parseYaml } from "./yaml.ts";

/** A byte-order mark, comments, and the line that begins a document. */
const head = /^\uFEFF?(?:(?:[ \t]*(?:#[^\n]*)?\r?\n)*---[ \t]*(?:#[^\n]*)?\r?\n)?/;

/**
 * As `setFields`, for a file that is YAML from its first line to its last.
 * @throws BerthError INVALID as `parseYaml`, and for what is no map of keys
 */
export function setYaml(text: string, changes: Readonly<Record<string, unknown>>, file: string): string {
  parseYaml(text.replace(/^\uFEFF/, ""), file);
  const before = head.exec(text)?.[0] ?? "";
  const yaml = text.slice(before.length);
  const end = lineEnd(text);
  const fence = `---${end}`;
  const whole = yaml === "" || yaml.endsWith("\n") ? yaml : yaml + end;
  const fenced = fence + whole + fence;
  const changed = setFields(fenced, changes, file);
  return changed === fenced ? text : before + changed.slice(fence.length, -fence.length);
}
