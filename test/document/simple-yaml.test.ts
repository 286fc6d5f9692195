import fc from "fast-check";
import { expect, test } from "vitest";
import { readSimpleYaml } from "../../src/document/simple-yaml.ts";
import { parseYaml, writeYaml } from "../../src/document/yaml.ts";
import { CENTRAL } from "../support/contexts.ts";

function whole(text: string): unknown {
  try {
    return parseYaml(text, "f") ?? {};
  } catch {
    return "refused";
  }
}

test("[TKT-08] what the fast reader reads is what the whole parser reads", () => {
  const text = [
    "a: 1",
    "b: text of words, and more",
    "c:",
    "- x",
    "- y: 1",
    '  z: [a, "b c"]',
    "-   deep:",
    "      deeper: true",
    "    empty:",
    "# remark",
    "d: 2026-01-01T00:00:00Z",
    "",
    "e: {}",
    "f: ~x",
  ];
  expect(readSimpleYaml(text.slice(0, -1).join("\n"))).toEqual(whole(text.slice(0, -1).join("\n")));
  expect(readSimpleYaml(text.join("\n"))).toBeNull();
  for (const odd of ["a: 1\na: 2", "__proto__: 1", "a: &x 1", "a: b: c", "a: |\n  x", "a:\n\tb: 1", "- a", "a: b\n  c"])
    expect(readSimpleYaml(odd), odd).toBeNull();
});

test("[TKT-08] random documents, whole and spoilt, are never read differently by the fast reader", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "",
      "null",
      "~",
      "true",
      "No",
      "01",
      "1e3",
      "0x1f",
      "-1",
      ".inf",
      "- a",
      "a: b",
      "a #b",
      "a:",
      "2026-01-01",
      "x\ny",
      " x",
      "Bash(git:*)",
      "é",
      "'",
      '"',
      "[a]",
      "{",
      "%a",
      "@a",
      "!x",
      "*x",
      "12:30:00",
    ),
    fc.string({ maxLength: 12, unit: "binary" }),
    fc.string({ maxLength: 12 }),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.boolean(),
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      word,
      fc.array(tie("any"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b-c", "d e", "1", "é", "x"), tie("any"), { maxKeys: 3 }),
    ),
  })).any;
  const document = fc.dictionary(fc.constantFrom("mode", "todos", "a", "task"), value, { minKeys: 1 });
  let read = 0;
  fc.assert(
    fc.property(
      document,
      fc.nat(),
      fc.constantFrom("", " ", "-", "- ", ":", ": ", "#", "\n", '"', "'", "[", "  ", "a: "),
      (data, place, put) => {
        const text = writeYaml(data);
        const at = place % (text.length + 1);
        for (const one of [text, text.slice(0, at) + put + text.slice(at), text.slice(0, at)]) {
          const fast = readSimpleYaml(one);
          if (fast === null) continue;
          read += 1;
          expect(fast, JSON.stringify(one)).toEqual(whole(one));
        }
      },
    ),
    { numRuns: 4000 },
  );
  expect(read).toBeGreaterThan(1000);
  expect(readSimpleYaml(CENTRAL.slice(4, CENTRAL.lastIndexOf("---")))).toBeNull();
});
