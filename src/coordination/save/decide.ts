import { differences, mergeText, type TextConflict } from "../../document/merge-text.ts";
import type { FileConflictReason } from "./file-conflict.ts";

/** A save as it meets the file. */
export interface Meeting {
  /** What is there now; null where there is no file. */
  readonly now: string | null;
  /** Whether that is what the saver started from. */
  readonly unchanged: boolean;
  /** What he started from: null for a new file, undefined where nobody knows it any more. */
  readonly base: string | null | undefined;
  readonly text: string;
  /** Whether every concurrent change is a conflict. */
  readonly critical: boolean;
}

export type Decision =
  | { readonly kind: "write"; readonly text: string; readonly merged: boolean }
  | { readonly kind: "conflict"; readonly reason: FileConflictReason; readonly conflicts: readonly TextConflict[] };

/** What becomes of a save. Pure; the same decision again for what it has already written. [XCS-13] */
export function decideSave({ now, unchanged, base, text, critical }: Meeting): Decision {
  if (unchanged || now === text) return { kind: "write", text, merged: false };
  const conflict = (reason: FileConflictReason, conflicts: readonly TextConflict[]): Decision => ({
    kind: "conflict",
    reason,
    conflicts,
  });
  if (now === null) return conflict("deleted", [{ line: 1, base: base ?? "", ours: "", theirs: text }]);
  if (base === null) return conflict("added", differences(now, text));
  if (base === undefined) return conflict("unknown-base", differences(now, text));
  if (critical) return conflict("critical", differences(now, text));
  const merge = mergeText(base, now, text);
  if (merge.conflicts.length > 0) return conflict("overlap", merge.conflicts);
  return { kind: "write", text: merge.text, merged: true };
}
