import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/guarantees.md"), "utf8");

/** The invariants with what the page says of each. */
const parts = page
  .split(/^(?=## )/m)
  .map((text) => ({ number: Number(/^## INV-(\d+): \S/.exec(text)?.[1] ?? 0), text }))
  .filter(({ number }) => number > 0);

const filesIn = (text: string): string[] => [...text.matchAll(/`(test\/[\w./-]+\.ts)`/g)].map(([, file = ""]) => file);

test("the page of guarantees has each of the ten invariants once, in order", () => {
  expect(parts.map(({ number }) => number)).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
});

test.for(parts)("INV-$number: why it holds, tests that prove it, and what is not guaranteed", ({ number, text }) => {
  expect(text).toMatch(/^\*\*Why\.\*\* \S/m);
  expect(text).toMatch(/^\*\*Not guaranteed\.\*\* \S/m);
  const tests = filesIn(/^\*\*Tested in\*\* .*$/m.exec(text)?.[0] ?? "");
  expect(tests).not.toEqual([]);
  for (const file of tests)
    expect(existsSync(join(ROOT, file)) && readFileSync(join(ROOT, file), "utf8"), file).toContain(`[INV-${number}]`);
});

test("every file that the page names is there, and the front page leads to it", () => {
  for (const file of filesIn(page)) expect(existsSync(join(ROOT, file)), file).toBe(true);
  expect(existsSync(join(ROOT, "src/progress.ts"))).toBe(true);
  expect(readFileSync(join(ROOT, "README.md"), "utf8")).toContain("(docs/guarantees.md)");
});

test("what a dishonest hub, force, a clock and a deleted folder can do is said", () => {
  const [, limits = ""] = page.split("## What no program here can promise");
  for (const word of ["hub that lies", "push --force", "clock that was changed", "deleted `.git`"])
    expect(limits).toContain(word);
});
