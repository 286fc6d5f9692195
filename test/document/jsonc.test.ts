import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../../src/document/json.ts";
import { type JsoncNode, readJsonc } from "../../src/document/jsonc.ts";
import { nodeAt, withMember, withoutMember } from "../../src/document/jsonc-change.ts";

const read = (text: string): JsoncNode => readJsonc(text, "settings.json");

/** A value written with blanks, comments and commas wherever JSON with comments allows them. */
const blanks = fc.constantFrom("", " ", "\n", "\n\t", "\n  ", " /* a, } */ ", " // b ]\n", "\r\n  ");
const written: fc.Arbitrary<string> = fc.letrec<{ value: string; map: string; list: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 0 }).map((v) => JSON.stringify(v)),
    tie("map"),
    tie("list"),
  ),
  map: fc
    .tuple(
      fc.uniqueArray(fc.string({ maxLength: 4 }), { maxLength: 4 }),
      fc.array(fc.tuple(blanks, tie("value"), blanks), { minLength: 4, maxLength: 4 }),
      fc.boolean(),
      blanks,
    )
    .map(
      ([keys, values, trailing, end]) =>
        `{${keys
          .map((key, n) => {
            const [a, v, b] = values[n] ?? ["", "0", ""];
            return `${a}${JSON.stringify(key)}${b}:${a}${v}${b}`;
          })
          .join(",")}${trailing && keys.length > 0 ? "," : ""}${end}}`,
    ),
  list: fc
    .tuple(fc.array(fc.tuple(blanks, tie("value"), blanks), { maxLength: 3 }), fc.boolean(), blanks)
    .map(
      ([values, trailing, end]) =>
        `[${values.map(([a, v, b]) => a + v + b).join(",")}${trailing && values.length > 0 ? "," : ""}${end}]`,
    ),
})).map;

/** Every map and list of a tree. */
function containers(node: JsoncNode): JsoncNode[] {
  return node.kind === "leaf" ? [] : [node, ...node.members.flatMap((member) => containers(member.node))];
}

test("[ASP-28] what is added to JSON with comments changes nothing else, and goes again without a trace", () => {
  fc.assert(
    fc.property(
      written,
      fc.nat(),
      fc.constantFrom<Json>(1, { a: [1, { b: 2 }] }, ["a long text that is in no line of its own, as hooks have"]),
      (text, pick, value) => {
        const root = read(text);
        const all = containers(root);
        const parent = all[pick % all.length];
        if (parent === undefined) throw new Error("there is no map");
        const key = parent.kind === "map" ? "added by us" : null;
        const made = withMember(text, root, parent, key, value);
        const after = containers(read(made)).find(({ start }) => start === parent.start);
        const member = after?.members.at(-1);
        expect(member?.node.value).toEqual(value);
        expect(after?.members.slice(0, -1).map(({ node }) => node.value)).toEqual(
          parent.members.map(({ node }) => node.value),
        );
        // Every word and comment that was there is there, in its order.
        const words = (made.slice(0, member?.start) + made.slice(member?.node.end)).replaceAll(/[\s,]/g, "");
        expect(words).toBe(text.replaceAll(/[\s,]/g, ""));
        if (after === undefined || member === undefined) throw new Error("nothing was added");
        const back = withoutMember(made, after, member);
        expect(read(back).value).toEqual(root.value);
        expect(back.replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
      },
    ),
    { numRuns: 400 },
  );
});

test("[ASP-28] in a file that is laid out in lines, adding and removing brings back every byte", () => {
  for (const eol of ["\n", "\r\n"])
    for (const unit of ["  ", "    ", "\t"]) {
      const text =
        `// top\n{\n${unit}"a": 1, // one\n${unit}"hooks": {\n${unit}${unit}"Stop": [\n${unit}${unit}${unit}{ "x": 1 } // last\n${unit}${unit}]\n${unit}}\n${unit}// end\n}\n`.replaceAll(
          "\n",
          eol,
        );
      const root = read(text);
      for (const [way, key] of [
        [[], "k"],
        [["hooks"], "k"],
        [["hooks", "Stop"], null],
      ] as const) {
        const parent = nodeAt(root, way);
        if (parent === null) throw new Error("it is there");
        const made = withMember(text, root, parent, key, { hooks: [{ command: "berth hook" }] });
        expect(made.split(eol).every((line) => !line.includes("\n"))).toBe(true);
        const after = nodeAt(read(made), way);
        const member = after?.members.at(-1);
        if (!after || !member) throw new Error("nothing was added");
        expect(made).toContain(" // one");
        expect(withoutMember(made, after, member)).toBe(text);
      }
    }
});

test.each([
  ["{", "ends here", 1, 2],
  ['{\n  "a": 1\n  "b": 2\n}', "comma is missing", 3, 3],
  ['{"a": 1,\n "a": 2}', "twice", 2, 2],
  ['{"a" 1}', "colon", 1, 6],
  ["{} x", "after the end", 1, 4],
  ['{"a": tru}', "no JSON", 1, 7],
  ["{1: 2}", "should be a key", 1, 2],
  ["/* open", "no JSON", 1, 1],
  ['{"a": "new\nline"}', "no JSON", 1, 7],
  ["[".repeat(200), "nested", 1, 101],
  ["", "ends here", 1, 1],
])("[INV-8] damage is refused with its place: %j", (text, what, line, column) => {
  expect(() => read(text)).toThrow(what);
  expect(() => read(text)).toThrow(`in line ${line}, column ${column}`);
});

test("a byte-order mark, every kind of value, and keys of prototypes are read", () => {
  const text = '\uFEFF{"__proto__": {"x": [true, false, null, -1.5e3, "\\u00e9\\""]},}';
  expect(JSON.stringify(read(text).value)).toBe('{"__proto__":{"x":[true,false,null,-1500,"é\\""]}}');
});

test("[INV-3] what stands on the same line as something that goes stays, and does not come behind a comment", () => {
  const text = '{\n  "a": 1, // one\n  "b": 2, "c": 3, // rest\n  "d": 4\n}';
  const without = (key: string): string => {
    const root = read(text);
    const member = root.members.find((one) => one.key === key);
    if (member === undefined) throw new Error("it is there");
    return withoutMember(text, root, member);
  };
  expect(without("b")).toBe('{\n  "a": 1, // one\n  "c": 3, // rest\n  "d": 4\n}');
  expect(without("a")).toBe('{\n  // one\n  "b": 2, "c": 3, // rest\n  "d": 4\n}');
  expect(without("d")).toBe('{\n  "a": 1, // one\n  "b": 2, "c": 3 // rest\n}');
  expect(read(without("c")).value).toEqual({ a: 1, b: 2, d: 4 });
});
