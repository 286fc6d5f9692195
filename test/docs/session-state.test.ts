import { join } from "node:path";
import { expect, test } from "vitest";
import { examplesOf, runExample } from "./page.ts";

const PAGE = join(import.meta.dirname, "../../docs/session-state.md");

test.each(examplesOf(PAGE))("[SIR-12] [SIR-18] $title: the page shows what its commands print", ({ part }) =>
  runExample(PAGE, part, { "src/login.ts": "export const login = 1;\n" }),
);

test("the page has its worked examples", () => {
  expect(examplesOf(PAGE)).toHaveLength(4);
});
