import * as fc from "fast-check";
import { expect } from "vitest";
import { canonicalJson } from "../../src/document/canonical-json.ts";
import { isJsonList, isJsonMap, type Json, ownValue, setOwn } from "../../src/document/json.ts";
import { matchKeyPath } from "../../src/document/key-pattern.ts";
import type { Policy, ValueMerge } from "../../src/document/merge-policy.ts";
import { mergeValues } from "../../src/document/merge-values.ts";

type Value = Json | undefined;

/** A base, what two sides made of it, and a policy for some keys of the first two levels. */
export interface Triple {
  readonly base: Json;
  readonly ours: Json;
  readonly theirs: Json;
  readonly policyAt: (path: readonly string[]) => Policy;
}

const key = fc.constantFrom("a", "b", "c", "tasks", "x.y", "", "__proto__", "constructor", "prototype");
const line = fc.constantFrom("one", "two", "three", "four", "  five", "");
const text = fc.array(line, { minLength: 2, maxLength: 6 }).map((lines) => lines.join("\n"));
const scalar = fc.oneof(
  fc.constantFrom<Json>(null, true, false, "", "word", "2026-01-01", "2026-02-01", "__proto__"),
  fc.integer({ min: -3, max: 9 }),
);
const { value: document } = fc.letrec<{ value: Json; item: Json; map: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    text,
    fc.array(scalar, { maxLength: 5 }),
    tie("map"),
    fc.uniqueArray(tie("item"), { maxLength: 5, selector: (item) => (isJsonMap(item) ? item["id"] : null) }),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
  item: fc
    .tuple(fc.integer({ min: 0, max: 9 }), fc.dictionary(key, tie("value"), { maxKeys: 3 }))
    .map(([id, fields]) => ({ ...fields, id: `t${id}` })),
  map: fc.dictionary(key, tie("value"), { maxKeys: 5 }),
}));
const root = fc.dictionary(key, document, { minKeys: 1, maxKeys: 6 });

interface Edit {
  readonly place: number;
  readonly kind: number;
  readonly with: Json;
  readonly key: string;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  place: fc.nat(),
  kind: fc.nat(99),
  with: fc.oneof(scalar, document),
  key,
});
const edits = fc.array(edit, { maxLength: 6 });
const policies = fc.dictionary(
  fc.constantFrom("a.**", "b.**", "c", "tasks.**", "tasks.*.a.**", "*.b", "**"),
  fc.constantFrom<Policy>("three-way", "union", "maximum", "last-write", "manual"),
  { maxKeys: 3 },
);

/** Values that are alike because both sides come from one base by edits of it. */
export const triples: fc.Arbitrary<Triple> = fc
  .record({ base: root, mine: edits, others: edits, policies: fc.oneof(fc.constant({}), policies) })
  .map(({ base, mine, others, policies }) => ({
    base,
    ours: mine.reduce<Json>(applied, base),
    theirs: others.reduce<Json>(applied, base),
    policyAt: (path) => {
      const rows = Object.entries(policies).sort(([a], [b]) => b.length - a.length);
      return rows.find(([pattern]) => matchKeyPath(pattern, path))?.[1] ?? "three-way";
    },
  }));

/** The value with one edit, somewhere in it. */
function applied(value: Json, { place, kind, with: given, key }: Edit): Json {
  const count = isJsonMap(value) ? Object.keys(value).length : isJsonList(value) ? value.length : 0;
  const inner = count > 0 && kind % 3 !== 0;
  const deeper: Edit = { place: Math.floor(place / 7), kind: Math.floor(kind / 3), with: given, key };
  const at = count === 0 ? 0 : place % count;
  if (isJsonList(value)) {
    if (inner) return value.map((item, index) => (index === at ? applied(item, deeper) : item));
    const [picked] = value.slice(at, at + 1);
    const others = value.filter((_, index) => index !== at);
    if (kind % 2 === 0) return others;
    if (kind % 4 === 1 || picked === undefined)
      return [...value, isJsonMap(value[0]) ? { id: `t${place % 20}` } : given];
    return [...others, picked];
  }
  if (isJsonMap(value)) {
    const entries = Object.entries(value);
    if (inner) return mapOf(entries.map(([name, item], index) => [name, index === at ? applied(item, deeper) : item]));
    if (kind % 2 === 0) return mapOf(entries.filter((_, index) => index !== at));
    return mapOf([...entries.filter(([name]) => name !== key), [key, given]]);
  }
  if (typeof value === "string" && value.includes("\n") && kind % 4 !== 0) {
    const lines = value.split("\n");
    lines.splice(place % lines.length, kind % 2, `new ${place % 5}`);
    return lines.join("\n");
  }
  return given;
}

function mapOf(entries: readonly (readonly [string, Json])[]): Json {
  const map: Record<string, Json> = {};
  for (const [name, value] of entries) setOwn(map, name, value);
  return map;
}

/** Holds a merge to everything that is promised of each. */
export function checkMerge({ base, ours, theirs, policyAt }: Triple): void {
  const before = shown([base, ours, theirs]);
  const merged = mergeValues(base, ours, theirs, { policyAt });
  checkLaws({ base, ours, theirs, policyAt }, merged);
  for (const { path, ...sides } of [...merged.conflicts, ...merged.overwritten]) {
    for (const [name, whole] of Object.entries({ base, ours, theirs }) as [keyof typeof sides, Value][])
      expectSide(sides[name], valueAt(whole, path), valueAt(base, path));
  }
  for (const { path, ours, reason } of merged.conflicts) {
    if (reason !== "order" && reason !== "manual") expect(shown(valueAt(merged.value, path))).toBe(shown(ours));
  }
  const reported = [...merged.conflicts.filter(({ reason }) => reason !== "order"), ...merged.overwritten];
  const paths = new Set(reported.map(({ path }) => JSON.stringify(path)));
  const told: Told = (path) => paths.has(JSON.stringify(path));
  accountFor([], { base, side: ours, other: theirs, result: merged.value }, told, policyAt);
  accountFor([], { base, side: theirs, other: ours, result: merged.value }, told, policyAt);
  expect(shown([base, ours, theirs])).toBe(before);
  expect(Object.keys(Object.prototype)).toEqual([]);
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
