import * as fc from "fast-check";
import { isJsonList, isJsonMap, type Json, setOwn } from "../../src/document/json.ts";
import { matchKeyPath } from "../../src/document/key-pattern.ts";
import type { Policy } from "../../src/document/merge-policy.ts";

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

export function mapOf(entries: readonly (readonly [string, Json])[]): Json {
  const map: Record<string, Json> = {};
  for (const [name, value] of entries) setOwn(map, name, value);
  return map;
}
