import type { Page } from "./style.ts";
import { plain, shortCommit } from "./text.ts";

const MOST_FILES = 12;
const MOST_HUNKS = 3;

/** A file that could not be merged, as errors carry it. */
interface ConflictedFile {
  readonly path: string;
  readonly kind?: string;
  readonly hunks: readonly { readonly line: number; readonly base: string; readonly session: string }[];
  readonly with?: readonly { readonly session: string | null; readonly commit: string; readonly subject: string }[];
}

/** Whether a fact of an error is a list of conflicting files. */
export function areConflicts(value: unknown): value is readonly ConflictedFile[] {
  return (
    Array.isArray(value) && value.some((item: unknown) => typeof item === "object" && item !== null && "hunks" in item)
  );
}

/** Each file with whose landed work it conflicts, and where: both sides by their first lines. */
export function conflictLines(files: readonly ConflictedFile[], page: Page): string[] {
  const more = files.length > MOST_FILES ? [`… and ${files.length - MOST_FILES} more files`] : [];
  return [...files.slice(0, MOST_FILES).flatMap((file) => fileLines(file, page)), ...more];
}

function fileLines(file: ConflictedFile, page: Page): string[] {
  const { path, kind, hunks } = file;
  const others = (file.with ?? []).map(
    ({ session, commit, subject }) =>
      `  with ${plain(session ?? "a commit of no session")}, ${shortCommit(commit)} ${plain(subject)}`,
  );
  const places = hunks
    .slice(0, MOST_HUNKS)
    .flatMap(({ line, base, session }) => [
      `  line ${line}`,
      `    ${page.style("red", "base branch:")} ${firstLine(base)}`,
      `    ${page.style("green", "session:")}     ${firstLine(session)}`,
    ]);
  const more = hunks.length > MOST_HUNKS ? [`  … and ${hunks.length - MOST_HUNKS} more places`] : [];
  return [`${page.style("bold", plain(path))}${kind ? ` (${plain(kind)})` : ""}`, ...others, ...places, ...more];
}

function firstLine(text: string): string {
  const [first = "", ...rest] = text.replace(/\n$/, "").split("\n");
  const more = rest.length > 0 ? ` … (${rest.length + 1} lines)` : "";
  return text === "" ? "(removed)" : `${plain(first).slice(0, 160)}${more}`;
}
