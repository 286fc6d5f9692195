import { expect, test } from "vitest";
import { type Column, table } from "../../src/cli/table.ts";
import { plainPage } from "../../src/cli/style.ts";
import { widthOf } from "../../src/cli/text.ts";

interface Row {
  readonly id: string;
  readonly title: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "ID", cell: (row) => row.id },
  { title: "TITLE", cell: (row) => row.title, shrinks: true },
];

test("a row is one line, whatever an agent wrote into it", () => {
  const rows = [
    { id: "a", title: "first\nsecond\r\u001b[1A\u001b[2Kgone" },
    { id: "b", title: "\u202eright to left\u202c" },
    { id: "c", title: "x".repeat(100_000) },
  ];
  const lines = table(rows, COLUMNS, { ...plainPage(0), width: 60 }).split("\n");
  expect(lines).toHaveLength(4);
  expect(lines[1]).toBe("a   first second gone");
  expect(lines[2]).toBe("b   right to left");
  for (const line of lines) {
    expect(widthOf(line)).toBeLessThanOrEqual(60);
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
});

test("columns line up under wide characters", () => {
  const rows = [
    { id: "漢字", title: "one" },
    { id: "👩‍💻", title: "two" },
    { id: "abcd", title: "three" },
  ];
  expect(table(rows, COLUMNS, plainPage(0)).split("\n")).toEqual([
    "ID    TITLE",
    "漢字  one",
    "👩‍💻    two",
    "abcd  three",
  ]);
});

test("what is not a terminal is never cut, and an empty column is left out", () => {
  const title = "long ".repeat(100).trim();
  expect(table([{ id: "", title }], COLUMNS, plainPage(0))).toBe(`TITLE\n${title}`);
});

test("the column that shrinks gives way, the others stay whole", () => {
  const rows = [{ id: "2026-11-21-limit-logins", title: "Limit the attempts that one address may make" }];
  const [, line] = table(rows, COLUMNS, { ...plainPage(0), width: 45 }).split("\n");
  expect(line).toBe("2026-11-21-limit-logins  Limit the attempts…");
});
