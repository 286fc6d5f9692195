import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderReference } from "../../src/cli/reference.ts";

const FILE = join(import.meta.dirname, "../../docs/cli.md");

test("docs/cli.md is what the table of verbs says; UPDATE=1 writes it", async () => {
  const rendered = await renderReference();
  if (process.env["UPDATE"] === "1") writeFileSync(FILE, rendered);
  expect(readFileSync(FILE, "utf8")).toBe(rendered);
});
