import { expect } from "vitest";
import { canonicalJson } from "../../src/document/canonical-json.ts";
import { isJsonList, isJsonMap, type Json, ownValue } from "../../src/document/json.ts";
import type { Policy, ValueMerge } from "../../src/document/merge-policy.ts";
import { mergeValues } from "../../src/document/merge-values.ts";
import { mapOf, type Triple } from "./merge-triples.ts";

type Value = Json | undefined;

/** Holds a merge to everything that is promised of each. */
export function checkMerge({ base, ours, theirs, policyAt }: Triple): void {
  const before = shown([base, ours, theirs]);
  const merged = mergeValues(base, ours, theirs, { policyAt });
  checkLaws({ base, ours, theirs, policyAt }, merged);
  const decided = merged.conflicts.filter(({ reason }) => reason !== "order");
  for (const { path, ...sides } of [...decided, ...merged.overwritten]) {
    for (const [name, whole] of Object.entries({ base, ours, theirs }) as [keyof typeof sides, Value][])
      expectSide(sides[name], valueAt(whole, path), valueAt(base, path));
  }
  for (const { path, ours, theirs: other, base: was, reason } of merged.conflicts) {
    if (reason !== "manual") expect(shown(valueAt(merged.value, path))).toBe(shown(ours));
    // Whichever order is taken, no item is lost.
    if (reason === "order") for (const side of [other, was]) expect(members(side)).toEqual(members(ours));
  }
  const reported = [...decided, ...merged.overwritten];
  const paths = new Set(reported.map(({ path }) => JSON.stringify(path)));
  const told: Told = (path) => paths.has(JSON.stringify(path));
  accountFor([], { base, side: ours, other: theirs, result: merged.value }, told, policyAt);
  accountFor([], { base, side: theirs, other: ours, result: merged.value }, told, policyAt);
  expect(shown([base, ours, theirs])).toBe(before);
  expect(Object.keys(Object.prototype)).toEqual([]);
}

function members(list: Value): string[] {
  return (list as Json[]).map(shown).toSorted();
}

/** A side of a conflict is what that side had; of a text by lines, all that it added is in it. */
function expectSide(side: Value, given: Value, base: Value): void {
  const texts = [base, given, side].filter((value) => typeof value === "string");
  if (texts.length < 3 || !texts.some((text) => text.includes("\n"))) return expect(shown(side)).toBe(shown(given));
  const [before, added, lines] = texts.map((text) => text.split("\n"));
  for (const line of added ?? []) if (line !== "" && !before?.includes(line)) expect(lines).toContain(line);
}

function checkLaws({ base, ours, theirs, policyAt }: Triple, merged: ValueMerge): void {
  const options = { policyAt };
  for (const side of [ours, theirs]) {
    for (const [b, o, t] of [
      [base, side, base],
      [base, base, side],
      [base, side, side],
    ] as const) {
      for (const other of [t, copy(t)]) {
        expect(outcome(mergeValues(b, o, other, options))).toBe(shown({ value: side, conflicts: [], overwritten: [] }));
      }
    }
  }
  expect(outcome(mergeValues(reversed(base), reversed(ours), reversed(theirs), options))).toBe(outcome(merged));
  expect(outcome(mergeValues(copy(base), copy(ours), copy(theirs), options))).toBe(outcome(merged));
  if (merged.conflicts.length > 0 || merged.overwritten.length > 0) return;
  const swapped = mergeValues(base, theirs, ours, options);
  expect([swapped.conflicts, swapped.overwritten]).toEqual([[], []]);
  expect(shown(sorted(swapped.value))).toBe(shown(sorted(merged.value)));
}

type Told = (path: readonly string[]) => boolean;

interface Change {
  readonly base: Value;
  readonly side: Value;
  readonly other: Value;
  readonly result: Value;
}

/** What one side changed is in the result, or reported at its place or further out, or a policy says why not. */
function accountFor(path: readonly string[], change: Change, told: Told, policyAt: Triple["policyAt"]): void {
  const { base, side, other, result } = change;
  if (told(path) || shown(base) === shown(side) || shown(result) === shown(side)) return;
  const policy = policyAt(path);
  const lost = `lost at ${JSON.stringify(path)} (${policy}): ${shown(change)}`;
  if (policy === "union" && side === undefined) return;
  if (policy === "maximum" && typeof side === typeof result && isScalar(side) && isScalar(result)) {
    expect(result > side, lost).toBe(true);
    return;
  }
  if (isJsonMap(side) && isJsonMap(result)) {
    for (const name of new Set([base, side].flatMap((map) => (isJsonMap(map) ? Object.keys(map) : [])))) {
      accountFor(
        [...path, name],
        partOf(change, (value) => (isJsonMap(value) ? ownValue(value, name) : undefined)),
        told,
        policyAt,
      );
    }
    return;
  }
  if (isJsonList(side) && isJsonList(result)) {
    if ([base, side, other, result].every(hasIds)) {
      for (const id of new Set([base, side].flatMap((list) => (isJsonList(list) ? list.flatMap(idsOf) : [])))) {
        accountFor(
          [...path, id],
          partOf(change, (value) => (isJsonList(value) ? value.find((item) => idOf(item) === id) : undefined)),
          told,
          policyAt,
        );
      }
    } else {
      accountForItems(change, policy, lost);
    }
    return;
  }
  if (typeof base === "string" && typeof side === "string" && typeof result === "string") {
    const lines = result.split("\n");
    for (const line of side.split("\n")) if (!base.split("\n").includes(line)) expect(lines, lost).toContain(line);
    return;
  }
  expect.unreachable(lost);
}

function accountForItems({ base, side, other, result }: Change, policy: Policy, lost: string): void {
  const [before, after, others, merged] = [base, side, other, result].map(counts);
  for (const item of new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])) {
    const [b = 0, s = 0, o = 0, r = 0] = [before, after, others, merged].map((count) => count?.get(item) ?? 0);
    if (b === 0) expect(r, lost).toBeGreaterThanOrEqual(s);
    if (s === 0 && policy !== "union") expect(r, lost).toBeLessThanOrEqual(Math.max(0, o - b));
  }
}

function counts(list: Value): Map<string, number> {
  const found = new Map<string, number>();
  for (const item of isJsonList(list) ? list : []) found.set(shown(item), (found.get(shown(item)) ?? 0) + 1);
  return found;
}

function partOf({ base, side, other, result }: Change, part: (value: Value) => Value): Change {
  return { base: part(base), side: part(side), other: part(other), result: part(result) };
}

function hasIds(list: Value): boolean {
  if (!isJsonList(list)) return list === undefined;
  return list.every((item) => idOf(item) !== null) && new Set(list.map(idOf)).size === list.length;
}

function idsOf(item: Json): readonly string[] {
  const id = idOf(item);
  return id === null ? [] : [id];
}

function idOf(item: Json): string | null {
  const id = isJsonMap(item) ? ownValue(item, "id") : undefined;
  return typeof id === "string" || typeof id === "number" ? String(id) : null;
}

function isScalar(value: Value): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

/** The value at a path of keys and ids. */
function valueAt(whole: Value, path: readonly string[]): Value {
  return path.reduce<Value>((value, segment) => {
    if (isJsonList(value)) return value.find((item) => idOf(item) === segment);
    return isJsonMap(value) ? ownValue(value, segment) : undefined;
  }, whole);
}

/** Canonical text; a side without a value shows, and is not null. */
function shown(value: unknown): string {
  return canonicalJson(marked(value));
}

function marked(value: unknown): unknown {
  if (value === undefined) return { "no value": true };
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== "object" || value === null) return value;
  return mapOf(Object.entries(value).map(([name, item]) => [name, marked(item) as Json]));
}

function outcome({ value, conflicts, overwritten }: ValueMerge): string {
  return shown({ value, conflicts, overwritten });
}

function copy(value: Json): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function reversed(value: Json): Json {
  if (isJsonList(value)) return value.map(reversed);
  if (!isJsonMap(value)) return value;
  return mapOf(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, reversed(item)]),
  );
}

function sorted(value: Value): Value {
  if (isJsonList(value))
    return value.map((item) => sorted(item) ?? null).sort((a, b) => (shown(a) < shown(b) ? -1 : 1));
  if (!isJsonMap(value)) return value;
  return mapOf(Object.entries(value).map(([name, item]) => [name, sorted(item) ?? null]));
}
