import fc from "fast-check";
import { expect, test } from "vitest";
import { readCheckedJson } from "../../src/document/checked-json.ts";

test("[INV-7] JSON that would silently become something else is refused, and the place is named", () => {
  const refused = (text: string): string => {
    try {
      return `taken: ${JSON.stringify(readCheckedJson(text))}`;
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(refused("12345678901234567890")).toContain("at the top, the number 12345678901234567890");
  expect(refused('{"a":{"n":[1,{"x":9007199254740993}]}}')).toContain("at a.n.1.x, the number");
  expect(refused('[1e400, "1"]')).toContain("at 0,");
  expect(refused("[0, -1e-999]")).toContain("at 1,");
  expect(refused('{"a":1,"b":2,"a":2}')).toContain("at a, the key is there twice");
  expect(refused(String.raw`{"l":[{"a\"":[{}],"\u0061\"":2}]}`)).toContain("twice");
});

test("any other JSON is read as it is written", () => {
  const same = (text: string): void => {
    expect(readCheckedJson(text)).toEqual(JSON.parse(text));
  };
  for (const text of [
    '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
    "[-0, 0.0, 1e2, 0.1000000000000000055, 9007199254740992, 18227125567148150]",
  ])
    same(text);
  expect(() => readCheckedJson("{torn")).toThrow(SyntaxError);
  fc.assert(
    fc.property(fc.json(), (text) => same(text)),
    { numRuns: 300 },
  );
});
