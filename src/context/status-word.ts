/** The words of one kind of status: which there are, and what else people write for them. */
export interface StatusWords {
  readonly known: readonly string[];
  readonly also: Readonly<Record<string, string>>;
}

/** Of an issue on its board (origins A1). */
export const TASK_STATUS: StatusWords = {
  known: ["backlog", "ready", "in_progress", "in_review", "done"],
  also: {
    todo: "backlog",
    not_started: "backlog",
    open: "ready",
    doing: "in_progress",
    started: "in_progress",
    review: "in_review",
    completed: "done",
    complete: "done",
    closed: "done",
  },
};

/** Of an item of the list of todos. */
export const TODO_STATUS: StatusWords = {
  known: ["pending", "in_progress", "completed", "cancelled"],
  also: {
    todo: "pending",
    open: "pending",
    doing: "in_progress",
    done: "completed",
    complete: "completed",
    canceled: "cancelled",
  },
};

/** Of a context or ticket as a whole. */
export const WORK_STATUS: StatusWords = {
  known: ["open", "active", "blocked", "done", "abandoned"],
  also: {
    ready: "open",
    backlog: "open",
    not_started: "open",
    in_progress: "active",
    started: "active",
    in_review: "active",
    completed: "done",
    complete: "done",
    closed: "done",
    cancelled: "abandoned",
    canceled: "abandoned",
  },
};

/**
 * A status as programs compare it: `In progress`, `InProgress`, `in-progress` and `in_progress` are one. What stands on
 * disk stays as it was written.
 * @returns null for a word that is none of these
 */
export function statusOf(words: StatusWords, text: unknown): string | null {
  if (typeof text !== "string") return null;
  const word = wordOf(text);
  if (words.known.includes(word)) return word;
  return Object.hasOwn(words.also, word) ? (words.also[word] ?? null) : null;
}

/** Lower case, with underscores between words. */
function wordOf(text: string): string {
  return text
    .trim()
    .replaceAll(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, "_")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "_")
    .replaceAll(/^_+|_+$/g, "");
}
