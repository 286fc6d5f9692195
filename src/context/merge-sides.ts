import { cutFences } from "../document/fence.ts";
import { setFields } from "../document/front-matter.ts";
import type { Json } from "../document/json.ts";
import { printKeyPath } from "../document/key-path.ts";
import { mergeText } from "../document/merge-text.ts";
import { mergeValues } from "../document/merge-values.ts";
import { isBerthError } from "../errors.ts";
import type { Sides } from "./conflict-sides.ts";
import { type ContextText, readContext } from "./read.ts";

/** What both sides say of one place, where one value has to stand: that of `ours` does. */
export interface ContextConflict {
  /** The key path; empty for the text below the keys. */
  readonly key: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/**
 * Merges the sides of a context in conflict by key, item and line. Everything that only one of them changed is in the
 * result.
 * @returns null where a side cannot be read, or has another form than front matter
 */
export function mergeContexts(
  { ours, theirs, base }: Sides,
  file: string,
): { readonly text: string; readonly conflicts: readonly ContextConflict[] } | null {
  const [mine, other] = [wholeOf(ours, file), wholeOf(theirs, file)];
  if (mine === null || other === null) return null;
  const from = base === null ? null : wholeOf(base, file);
  const merged = mergeValues(from ? jsonOf(from) : undefined, jsonOf(mine), jsonOf(other), {
    policyAt: ([key]) => (key === "last_updated" ? "maximum" : "three-way"),
  });
  const body = mergeText(from?.body ?? "", mine.body, other.body);
  const data = merged.value as Readonly<Record<string, Json>>;
  const keys = new Set([...Object.keys(mine.data), ...Object.keys(data)]);
  // Keys that are as in ours keep their bytes.
  const text = setFields(ours, Object.fromEntries([...keys].map((key) => [key, data[key]])), file);
  const parts = cutFences(text, file);
  return {
    text: parts.mark + parts.open + parts.yaml + parts.close + body.text,
    conflicts: [
      ...merged.conflicts.map((one) => ({ key: printKeyPath(one.path), ours: one.ours, theirs: one.theirs })),
      ...body.conflicts.map((one) => ({ key: "", ours: one.ours, theirs: one.theirs })),
    ],
  };
}

function wholeOf(text: string, file: string): ContextText | null {
  try {
    const read = readContext(text, file);
    return read.format === "front-matter" ? read : null;
  } catch (error) {
    if (!isBerthError(error)) throw error;
    return null;
  }
}

function jsonOf({ data }: ContextText): Json {
  return JSON.parse(JSON.stringify(data)) as Json;
}
