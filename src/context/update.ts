import { dirname, join } from "node:path";
import { isoSeconds } from "../clock.ts";
import { replaceText } from "../disk/text-file.ts";
import { setFields } from "../document/front-matter.ts";
import { BerthError, isBerthError } from "../errors.ts";
import { shortHash } from "../hash.ts";
import { type Project, scratchDir, stateDir } from "../project.ts";
import { withMutex } from "../store/mutex.ts";
import { requireInside } from "../disk/inside.ts";
import { appendToArchive, type OldEntry, overflow } from "./archive.ts";
import { readDocument } from "./document-file.ts";
import type { ContextPlace } from "./locate.ts";
import { ANCHORS, type ContextText, readContext } from "./read.ts";
import { setFenced } from "./fenced.ts";
import { requireNotDone } from "./ticket/frozen.ts";

/** Top-level keys to their new values; `undefined` removes one. */
export type Changes = Readonly<Record<string, unknown>>;

export interface Updated {
  readonly path: string;
  /** The keys that are other than before. */
  readonly changed: readonly string[];
  /** The text as it stands now. */
  readonly text: string;
  /** What went to the archive beside it. */
  readonly archived: readonly OldEntry[];
}

/**
 * Changes a context: reads it, asks what to change, writes it at once and durably. Updates of several processes queue,
 * and one that is made past Berth in between is read again, so that each counts. `last_updated` is set where anything
 * changed, and what is too much in a list goes to the archive. [CTX-12] [CTX-21]
 * @param decide what to change, given what stands there; it may run again
 * @param dryRun only say what would be
 * @throws BerthError NOT_FOUND where there is no file, INVALID where it is damaged: nothing is put in its place,
 * WRONG_STATE where it is that of a done ticket
 */
export async function updateContext(
  project: Project,
  place: ContextPlace,
  decide: (read: ContextText) => Changes | Promise<Changes>,
  dryRun = false,
  keep: number = project.config.context.keep,
): Promise<Updated> {
  return inTurn(project, place, async (file) => {
    if (place.ticket !== null) await requireNotDone({ name: place.ticket, folder: dirname(file) }, "context");
    for (;;) {
      const was = await readDocument(file, place.path);
      if (was.text === null) throw missing(place);
      const read = readHere(was.text, place.path);
      const at = isoSeconds(project.clock.now());
      const changed = withChanges(was.text, read, await decide(read), at, place.path);
      const { entries, lists } = overflow(readContext(changed, place.path).data, keep);
      const text = entries.length === 0 ? changed : withChanges(changed, read, lists, at, place.path);
      const keys = text === was.text ? [] : changedKeys(read, readContext(text, place.path));
      const updated = { path: place.path, changed: keys, text, archived: entries };
      if (text === was.text || dryRun) return updated;
      if (entries.length > 0) await appendToArchive(project, place, entries);
      if (await replaceText(file, text, was, scratchDir(project))) return updated;
    }
  });
}

/** Work on the file of a context that no other process of ours does meanwhile. */
export async function inTurn<T>(project: Project, place: ContextPlace, work: (file: string) => Promise<T>): Promise<T> {
  const file = join(place.top, place.path);
  await requireInside(place.top, dirname(file));
  const turn = { clock: project.clock, waitMs: 60_000, what: place.path, signal: project.signal };
  return withMutex(join(stateDir(project), "locks", `context-${shortHash(file)}.lock`), turn, () => work(file));
}

/** A context with changes, in the form that it has; `last_updated` is set where anything changed. */
export function withChanges(text: string, read: ContextText, changes: Changes, at: string, file: string): string {
  const set = (fields: Changes): string =>
    read.format === "fenced" ? setFenced(text, fields, file) : setFields(text, fields, file, ANCHORS);
  if (read.format === "json" || read.format === "key-value")
    throw new BerthError("INVALID", `${file} is ${read.format}, which is read and not written.`, {
      hint: "Take it over as front matter: berth migrate --to LAYOUT --dry-run",
      facts: { file, format: read.format },
    });
  return set(changes) === text ? text : set({ ...changes, last_updated: at });
}

function changedKeys(before: ContextText, after: ContextText): string[] {
  const keys = new Set([...Object.keys(before.data), ...Object.keys(after.data)]);
  return [...keys].filter((key) => JSON.stringify(before.data[key]) !== JSON.stringify(after.data[key]));
}

/** Reads the context of a place. @throws BerthError NOT_FOUND, INVALID */
export async function contextAt(place: ContextPlace): Promise<{ text: string; read: ContextText }> {
  const file = join(place.top, place.path);
  const { text } = await readDocument(file, place.path);
  if (text === null) throw missing(place);
  await requireInside(place.top, dirname(file));
  return { text, read: readHere(text, place.path) };
}

/** Damage says how it is brought back, beside what is wrong. */
function readHere(text: string, path: string): ContextText {
  try {
    return readContext(text, path);
  } catch (error) {
    if (!isBerthError(error) || error.hint?.includes("context repair") === true) throw error;
    const hint = `${error.hint ?? "Correct it."} Or bring the last whole version back: berth context repair`;
    throw new BerthError(error.code, error.message, { hint, facts: error.facts, cause: error });
  }
}

function missing({ path, layout }: ContextPlace): BerthError {
  const make = layout === "tickets" ? "berth ticket open --phase PHASE --issue N" : "berth context init";
  return new BerthError("NOT_FOUND", `There is no context here: ${path} does not exist.`, {
    hint: `Make one with: ${make}; if it was there before: berth context repair`,
    facts: { path },
  });
}
