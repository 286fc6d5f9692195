/** One line of `sessions.lock`: `<session>:<unix seconds>`. */
export interface LockLine {
  readonly id: string;
  readonly seconds: number | null;
}

/** Reads the lines; anything else (comments, blank lines) is not a claim. */
export function parseLock(text: string): LockLine[] {
  const lines: LockLine[] = [];
  for (const raw of text.split(/\r?\n/)) {
    const match = /^([a-z0-9][a-z0-9-]*)(?::(\d+))?$/.exec(raw.trim());
    if (match?.[1]) lines.push({ id: match[1], seconds: match[2] ? Number(match[2]) : null });
  }
  return lines;
}

/** Adds or removes one session's line, compared whole, and leaves every other byte as it is. */
export function editLock(text: string, edit: { add?: { id: string; seconds: number }; remove?: string }): string {
  const gone = new Set([edit.add?.id, edit.remove]);
  const kept = text.split("\n").filter((line) => line !== "" && !gone.has(line.trim().replace(/:\d*$/, "")));
  if (edit.add) kept.push(`${edit.add.id}:${edit.add.seconds}`);
  return kept.length === 0 ? "" : `${kept.join("\n")}\n`;
}

/**
 * Merges two versions of `sessions.lock` line by line: what either side added or removed since `base`. Order is that of
 * `ours`, with the lines of `theirs` behind.
 */
export function mergeLock(base: string, ours: string, theirs: string): string {
  const [before, mine, other] = [base, ours, theirs].map((text) => text.split("\n").filter((line) => line !== ""));
  const kept = (mine ?? []).filter((line) => !before?.includes(line) || other?.includes(line));
  const added = (other ?? []).filter((line) => !before?.includes(line) && !kept.includes(line));
  return [...kept, ...added].map((line) => `${line}\n`).join("");
}
