import { type Json, sameJson } from "../document/json.ts";
import { printKeyPath } from "../document/key-path.ts";
import type { Policy } from "../document/merge-policy.ts";
import { mergeValues } from "../document/merge-values.ts";
import { BerthError } from "../errors.ts";
import { operand } from "../shell-word.ts";
import type { Reading } from "../store/store.ts";
import { type Change, related } from "./change.ts";
import type { Conflict } from "./conflict.ts";
import { lastRead } from "./last-read.ts";
import { partAt, withPart } from "./part.ts";
import { documentAt, hashAt, type Latest, readVersionsAt, type Version } from "./version.ts";

/** How a conflict ends: with one of its sides, or with a value of one's own. */
export type Decision = { readonly take: "ours" | "theirs" | "base" } | { readonly value: Json };

/** What a decision makes of what stands at its path. */
export interface Outcome {
  readonly value: Json | undefined;
  /** Others have written there what the decider has not read, and it is in the value as well. */
  readonly merged: boolean;
  /** Whose writing the decision would overwrite unseen; null where it overwrites nothing of the kind. */
  readonly refusal: BerthError | null;
}

/** Who decides, and what about. */
export interface Deciding {
  readonly agent: string;
  readonly path: readonly string[];
  readonly conflict: Conflict;
  readonly decision: Decision;
  readonly policyAt: (path: readonly string[]) => Policy;
}

/**
 * What is to stand where a conflict was. A decision starts from what the conflict was about, or from what the decider
 * has read there since; what was written later is merged with it, and never overwritten unseen. [XCS-09]
 */
export async function decide(
  tx: Reading,
  place: string,
  head: Latest,
  { agent, path, conflict, decision, policyAt }: Deciding,
): Promise<Outcome> {
  const read = await lastRead(tx, place, { agent, path });
  const hasRead = read > conflict.version && read <= head.version && (await hashAt(tx, read)) !== undefined;
  const from = hasRead ? read : conflict.version;
  const seen = hasRead ? partAt(await documentAt(tx, place, read), path) : conflict.ours;
  const wished = "take" in decision ? withDecision(conflict.ours, seen, conflict[decision.take]) : decision.value;
  const now = partAt(head.document, path);
  const { value, conflicts } = mergeValues(seen, now, wished, { policyAt: (inner) => policyAt([...path, ...inner]) });
  const refusal = conflicts.length === 0 ? null : unread(path, await versionsTouching(tx, from, path));
  return { value, merged: !sameJson(value, wished, 0), refusal };
}

/** What is known, with what a decision changes; where both changed the same, the decision counts. */
function withDecision(before: Json | undefined, known: Json | undefined, after: Json | undefined): Json | undefined {
  if (sameJson(before, known, 0)) return after;
  const { value, conflicts } = mergeValues(before, known, after, { policyAt: () => "three-way" });
  return conflicts.reduce<Json | undefined>(
    (at, { path, theirs }) => (withPart(at, path, theirs) ?? { value: at }).value,
    value,
  );
}

function unread(path: readonly string[], since: readonly Version[]): BerthError {
  const name = printKeyPath(path);
  const wrote = since.map(({ agent, version }) => `${agent} in version ${version}`).join(", ");
  return new BerthError(
    "MERGE_CONFLICT",
    `This decision would overwrite what was written at ${name || "the top"} since, and you have not read: ${wrote}.`,
    {
      hint: `Nothing was changed. See what stands there, then decide again: berth shared get ${operand(name)}`,
      facts: { path: name, since: since.map(({ agent, version }) => ({ agent, version })) },
    },
  );
}

/** The versions after one that changed what is at a path, which may lead into an item of a list; oldest first. */
export async function versionsTouching(tx: Reading, after: number, path: readonly string[]): Promise<Version[]> {
  const versions = await readVersionsAt(tx, after, path);
  return versions.filter(({ changes }) => changes.some((change) => touches(change, path)));
}

function touches(change: Change, path: readonly string[]): boolean {
  if (!related(change.path, path)) return false;
  const rest = path.slice(change.path.length);
  return change.path.length >= path.length || !sameJson(partAt(change.before, rest), partAt(change.after, rest), 0);
}
