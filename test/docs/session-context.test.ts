import { join } from "node:path";
import { expect, test } from "vitest";
import { CENTRAL, FENCED } from "../support/contexts.ts";
import { examplesOf, runExample } from "./page.ts";

const PAGE = join(import.meta.dirname, "../../docs/session-context.md");

const FILES = {
  "src/login.ts": "export const login = 1;\n",
  "old/ACTIVE_SESSION.md": FENCED,
  "docs/session-context/ACTIVE_SESSION.md": CENTRAL,
};

test.each(examplesOf(PAGE))("[CTX-18] [TKT-06] [TKT-11] $title: the page shows what its commands print", ({ part }) =>
  runExample(PAGE, part, FILES),
);

test("the page has its worked examples", () => {
  expect(examplesOf(PAGE)).toHaveLength(4);
});
