import { join } from "node:path";
import { posix } from "node:path";
import { isoSeconds } from "../clock.ts";
import { replaceText } from "../disk/text-file.ts";
import { BerthError } from "../errors.ts";
import { inlineYaml } from "../document/yaml.ts";
import { type Project, scratchDir } from "../project.ts";
import { ARCHIVE_FILE, type ContextPlace } from "./locate.ts";
import { statusOf, TODO_STATUS } from "./status-word.ts";
import { readDocument } from "./document-file.ts";

/** An entry that makes room for newer ones. */
export interface OldEntry {
  readonly key: string;
  readonly value: unknown;
}

/** The lists whose older entries may go to the archive; what is open or blocks never does. [CTX-21] */
const LISTS = ["decisions", "created_files", "modified_files", "dependencies", "todos"] as const;

/**
 * What is too much in the lists of a context.
 * @param keep how many entries each keeps
 * @returns the entries, the oldest first, and the lists without them
 */
export function overflow(
  data: Readonly<Record<string, unknown>>,
  keep: number,
): { readonly entries: readonly OldEntry[]; readonly lists: Readonly<Record<string, readonly unknown[]>> } {
  const entries: OldEntry[] = [];
  const lists: Record<string, readonly unknown[]> = {};
  for (const key of LISTS) {
    const list: unknown = data[key];
    if (!Array.isArray(list) || list.length <= keep) continue;
    let left = list.length - keep;
    const kept = (list as unknown[]).filter((value) => {
      if (left === 0 || (key === "todos" && !isOver(value))) return true;
      left -= 1;
      entries.push({ key, value });
      return false;
    });
    if (kept.length < list.length) lists[key] = kept;
  }
  return { entries, lists };
}

function isOver(todo: unknown): boolean {
  const status = typeof todo === "object" && todo !== null && "status" in todo ? todo.status : null;
  return ["completed", "cancelled"].includes(statusOf(TODO_STATUS, status) ?? "");
}

/** The archive beside a context. */
export function archivePath({ path }: Pick<ContextPlace, "path">): string {
  return posix.join(posix.dirname(path), ARCHIVE_FILE);
}

/**
 * Appends entries to the archive of a context, durably, before they leave it: killed in between, they are in both, and
 * the next call knows them again. One entry is one line, so that archives merge by line.
 */
export async function appendToArchive(
  project: Project,
  place: ContextPlace,
  entries: readonly OldEntry[],
): Promise<void> {
  const path = archivePath(place);
  const file = join(place.top, path);
  for (let attempt = 0; attempt < 100; attempt++) {
    const was = await readDocument(file, path);
    const text = was.text ?? HEAD;
    const known = new Set(text.split(/\r?\n/).map(withoutTime));
    const at = isoSeconds(project.clock.now());
    const lines = entries.map(({ key, value }) => `- ${at} ${key}: ${inlineYaml(value)}`);
    const added = lines.filter((line) => !known.has(withoutTime(line)));
    if (added.length === 0) return;
    const gap = text === "" || text.endsWith("\n") ? "" : "\n";
    if (await replaceText(file, `${text}${gap}${added.join("\n")}\n`, was, scratchDir(project))) return;
  }
  throw new BerthError("FAILED", `${path} was written by others again and again.`, {
    hint: "Run the same command again.",
  });
}

const HEAD =
  "# Archive\n\nOlder entries of ACTIVE_SESSION.md: when they were moved here, their list, and what they said.\n\n";

function withoutTime(line: string): string {
  return line.replace(/^- \S+ /, "- ");
}
