import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

/**
 * Compares what the migrations make with what the repository says they make; with `UPDATE=1` writes it instead. A
 * reviewer sees in the difference what a migration does.
 */
export function expectDump(engine: "sqlite" | "postgres", statements: readonly string[]): void {
  const file = join(import.meta.dirname, "../../src/store/schema", `${engine}.sql`);
  const dump = `${statements.join(";\n\n")};\n`;
  if (process.env["UPDATE"] === "1") writeFileSync(file, dump);
  expect(readFileSync(file, "utf8")).toBe(dump);
}
