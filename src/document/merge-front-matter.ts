import { BerthError, isBerthError } from "../errors.ts";
import { carryComments } from "./carry-comments.ts";
import { cutFences, type Fences, lineEnd } from "./fence.ts";
import { entryLines, holdsFields, parseFrontMatter, setFields } from "./front-matter.ts";
import type { Json } from "./json.ts";
import { withLineEndsOf } from "./line-ends.ts";
import type { MergeOptions, Overwritten, ValueConflict } from "./merge-policy.ts";
import { mergeText, type TextConflict, type TextMerge } from "./merge-text.ts";
import { mergeValues } from "./merge-values.ts";
import { isDataMap, sameData } from "./plain-data.ts";
import type { ReadOptions } from "./yaml.ts";

/** Two versions of a document and the one that both were made from: an empty text where there is none. */
export interface Versions {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

/** A place that both sides changed, each in its own way: a value of the front matter, or lines of the body. */
export type DocumentConflict =
  | (ValueConflict & { readonly part: "front-matter" })
  /** `line` is counted in the document of ours. */
  | (TextConflict & { readonly part: "body" });

/** The outcome of a merge of documents. */
export interface DocumentMerge {
  /** Ours with what theirs changed; in a conflict, what ours has. */
  readonly text: string;
  /** Values in the order of their paths, then lines of the body in their order. */
  readonly conflicts: readonly DocumentConflict[];
  /** Values of ours that gave way by the policy `last-write`. */
  readonly overwritten: readonly Overwritten[];
}

/**
 * Merges two versions of a document: the front matter by its values, as `mergeValues` does, whatever the order of keys
 * and the layout; the body by line. The text is that of ours, in which the values that theirs changed are set: its
 * comments, layout, line ends and byte-order mark stay, and a change of theirs in nothing but these does not count.
 * Keys that theirs added come as they are written there, behind those of ours. Comments that theirs added come along,
 * unless either side laid out the lines beside them anew; a comment that theirs removed stays. If one side changed nothing
 * at all, the text is the other one.
 * @throws BerthError INVALID as `parseFrontMatter`, saying in `side` and in the message which version it is
 */
export function mergeFrontMatter(versions: Versions, file: string, options: MergeOptions & ReadOptions): DocumentMerge {
  const base = readSide(versions, "base", file, options);
  const ours = readSide(versions, "ours", file, options);
  const theirs = readSide(versions, "theirs", file, options);
  const unchanged = unchangedSide(versions);
  if (unchanged !== null) return { text: unchanged, conflicts: [], overwritten: [] };

  const { value, conflicts, overwritten } = mergeValues(base.data, ours.data, theirs.data, options);
  const data = isDataMap(value) ? value : {};
  const body = mergeBodies(base, ours, theirs);
  const task: Task = { versions, file, options, data, sides: { base, ours, theirs } };
  const text = withBody(task, cutFences(withComments(task), file), body.text);
  return {
    text,
    conflicts: [
      ...conflicts.map((conflict) => ({ part: "front-matter" as const, ...conflict })),
      ...body.conflicts.map((conflict) => ({
        part: "body" as const,
        ...conflict,
        line: conflict.line + ours.bodyLine - 1,
      })),
    ],
    overwritten,
  };
}

interface Side extends Fences {
  readonly text: string;
  readonly data: Record<string, Json>;
}

interface Task {
  readonly versions: Versions;
  readonly file: string;
  readonly options: ReadOptions;
  /** What the front matter is to hold. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly sides: Readonly<Record<keyof Versions, Side>>;
}

const names: Readonly<Record<keyof Versions, string>> = {
  base: "The common base",
  ours: "Our version",
  theirs: "Their version",
};

function readSide(versions: Versions, side: keyof Versions, file: string, options: ReadOptions): Side {
  const text = versions[side];
  try {
    const { data } = parseFrontMatter(text, file, options);
    return { ...cutFences(text, file), text, data: data as Record<string, Json> };
  } catch (error) {
    if (!isBerthError(error) || error.code !== "INVALID") throw error;
    throw new BerthError("INVALID", `${names[side]} cannot be read: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      facts: { ...error.facts, side },
      cause: error,
    });
  }
}

function unchangedSide({ base, ours, theirs }: Versions): string | null {
  if (theirs === base || theirs === ours) return ours;
  return ours === base ? theirs : null;
}

function mergeBodies(base: Side, ours: Side, theirs: Side): TextMerge {
  const end = lineEnd(ours.text);
  const [before, others] = [base, theirs].map((side) => withLineEndsOf(ours.body, side.body, end));
  return mergeText(before ?? "", ours.body, others ?? "");
}

/** Our document with the merged values, and with comments that theirs added; its body does not count. */
function withComments(task: Task): string {
  const { file, options, data, sides } = task;
  if (sides.theirs.open === "" || sides.theirs.yaml === sides.base.yaml) return joined(withData(task, "ours", ""));
  const names = Object.keys(data).filter(
    (name) => !Object.hasOwn(sides.ours.data, name) && sameData(data[name], sides.theirs.data[name]),
  );
  for (const added of [addedLines(task, names), ""]) {
    const ours = withData(task, "ours", added);
    const end = lineEnd(sides.ours.text);
    const [before, others] = [withData(task, "base", added), withData(task, "theirs", "")];
    const yaml = carryComments(
      withLineEndsOf(ours.yaml, before.yaml, end),
      ours.yaml,
      withLineEndsOf(ours.yaml, others.yaml, end),
    );
    const text = joined({ ...ours, yaml });
    if (holdsFields(text, data, ours.body, file, options)) return text;
  }
  return joined(withData(task, "ours", ""));
}

/** Keys that theirs added, as they are written there. */
function addedLines({ file, options, sides }: Task, names: readonly string[]): string {
  const { ours, theirs } = sides;
  const all = ours.yaml === "" && names.length === Object.keys(theirs.data).length;
  const lines = all ? theirs.yaml : entryLines(theirs.text, names, file, options);
  return withLineEndsOf("", lines, lineEnd(ours.text));
}

/** A side with the merged values, of which the last ones are set by lines that were written for them. */
function withData({ versions, file, options, data, sides }: Task, side: keyof Versions, added: string): Fences {
  const lines = added === "" ? {} : parseFrontMatter(`---\n${added}---\n`, file, options).data;
  const gone = Object.keys(sides[side].data).filter((name) => !Object.hasOwn(data, name));
  const given = Object.entries(data).filter(([name]) => !Object.hasOwn(lines, name));
  const changes = Object.fromEntries([...given, ...gone.map((name) => [name, undefined] as const)]);
  const parts = cutFences(setFields(versions[side], changes, file, options), file);
  const end = lineEnd(sides.ours.text);
  const fences = added !== "" && parts.open === "" ? { open: `---${end}`, close: `---${end}` } : {};
  return { ...parts, ...fences, yaml: parts.yaml + added };
}

function joined({ mark, open, yaml, close, body }: Fences): string {
  return mark + open + yaml + close + body;
}

function withBody({ sides, file, options, data }: Task, { mark, open, yaml, close }: Fences, body: string): string {
  // Theirs has no front matter any more, and of ours nothing is left.
  const none = sides.base.open !== "" && sides.theirs.open === "" && yaml.trim() === "";
  const text = mark + (none ? "" : open + yaml + close) + body;
  if (holdsFields(text, data, body, file, options)) return text;
  // A body that begins with what looks like front matter is none with front matter before it.
  const end = lineEnd(sides.ours.text);
  return `${mark}${none || open === "" ? `---${end}---${end}` : open + yaml + close}${body}`;
}
