import { join } from "node:path";
import { isoSeconds } from "../clock.ts";
import { readPlainFile } from "../disk/plain-file.ts";
import type { Json } from "../document/json.ts";
import { isBerthError } from "../errors.ts";
import { fileHistory } from "../git/file-history.ts";
import type { Project } from "../project.ts";
import { changesBetween, type KeyChange } from "./changes.ts";
import { locateContext } from "./locate.ts";
import { withObjectsHere } from "./objects-here.ts";
import { readContext } from "./read.ts";

/** One step in the life of a context: what somebody changed, and when. */
export interface HistoryEntry {
  /** Null for what is not committed yet. */
  readonly commit: string | null;
  readonly at: string | null;
  readonly author: { readonly name: string; readonly email: string } | null;
  readonly subject: string | null;
  readonly path: string;
  readonly changes: readonly KeyChange[];
  /** Whether the text around the keys is another one. */
  readonly body: boolean;
  /** Why this version could not be read: the next whole one is compared with the last whole one. */
  readonly problem: string | null;
}

/** How many damaged versions in a row may stand before those that are shown. */
const MORE = 20;

/** The audit trail of the context here, the newest first, from git alone. [CTX-19] */
export async function contextHistory(
  project: Project,
  input: { readonly limit?: number | undefined; readonly ticket?: string | undefined } = {},
): Promise<{ readonly path: string; readonly entries: readonly HistoryEntry[] }> {
  const { top, path } = await locateContext(project, input);
  const limit = Math.max(1, input.limit ?? 20);
  // Some more, so that the last that is shown can be compared with a whole version before it.
  const commits = (await fileHistory({ ...project.git, dir: top }, path, { limit: limit + MORE })).toReversed();
  const texts = await textsOf(
    project,
    commits.flatMap(({ after }) => after ?? []),
  );
  const steps: Step[] = [];
  for (const { commit, author, seconds, subject, path: name, after } of commits) {
    const text = after === null ? null : (texts.get(after) ?? null);
    steps.push({ commit, author, at: isoSeconds(seconds * 1000), subject, path: name, text });
  }
  const last = steps.at(-1)?.text ?? null;
  const now = await readPlainFile(join(top, path));
  if (now !== last) steps.push({ commit: null, author: null, at: null, subject: null, path, text: now });
  return { path, entries: entriesOf(steps).slice(-limit).toReversed() };
}

function textsOf(project: Project, blobs: readonly string[]): Promise<ReadonlyMap<string, string>> {
  return withObjectsHere(project, async (objects) => {
    const found = new Map<string, string>();
    for (const blob of blobs) {
      const read = await objects.read(blob);
      if (read) found.set(blob, read.data.toString("utf8"));
    }
    return found;
  });
}

type Step = Omit<HistoryEntry, "changes" | "body" | "problem"> & { readonly text: string | null };

interface Whole {
  readonly data: Readonly<Record<string, unknown>>;
  readonly body: string;
}

const NOTHING: Whole = { data: {}, body: "" };

function entriesOf(steps: readonly Step[]): HistoryEntry[] {
  let whole = NOTHING;
  return steps.map(({ text, ...step }) => {
    const read = wholeOf(text, step.path);
    if (typeof read === "string") return { ...step, changes: [], body: false, problem: read };
    const before = whole;
    whole = read;
    const changes = changesBetween(jsonOf(before.data), jsonOf(read.data));
    return { ...step, changes, body: before.body !== read.body, problem: null };
  });
}

/** A version, or why it cannot be read. */
function wholeOf(text: string | null, file: string): Whole | string {
  if (text === null) return NOTHING;
  try {
    return readContext(text, file);
  } catch (error) {
    if (!isBerthError(error)) throw error;
    return error.message;
  }
}

/** YAML of a context has nothing that JSON has not, but for endless numbers. */
function jsonOf(data: Whole["data"]): Json {
  return JSON.parse(JSON.stringify(data)) as Json;
}
