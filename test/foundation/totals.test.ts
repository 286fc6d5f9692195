import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkout, linkPackages, plant } from "./plant.ts";

const head = `import { beforeAll, test } from "vitest";\n`;

function closingLine(files: Readonly<Record<string, string>>): string | undefined {
  const folder = plant({ "package.json": `{"type":"module"}`, ...files });
  linkPackages(folder);
  const command = `vitest run --reporter=${join(checkout, "dev/totals-reporter.ts")}`;
  const { stdout } = spawnSync(command, { cwd: folder, encoding: "utf8", shell: true });
  return stdout.trimEnd().split("\n").at(-1);
}

test("a run closes with what passed and what did not", () => {
  const passing = `${head}test("a", () => {});\ntest("b", () => {});\n`;
  expect(closingLine({ "a.test.ts": passing })).toBe("tests: 2 passed, 0 failed");
  expect(
    closingLine({ "a.test.ts": passing, "b.test.ts": `${head}test("c", () => { throw new Error("no"); });\n` }),
  ).toBe("tests: 2 passed, 1 failed");
});

test("what could not run at all is a failure, not a smaller number", () => {
  const inSuite = `${head}import { describe } from "vitest";\ndescribe("s", () => {\n  beforeAll(() => { throw new Error("no"); });\n  test("a", () => {});\n});\n`;
  const files = {
    "unloadable.test.ts": `${head}throw new Error("no");\n`,
    "file.test.ts": `${head}beforeAll(() => { throw new Error("no"); });\ntest("a", () => {});\n`,
    "suite.test.ts": inSuite,
    "stray.test.ts": `${head}test("a", () => { void Promise.reject(new Error("stray")); });\n`,
  };
  expect(closingLine(files)).toBe("tests: 1 passed, 4 failed, 2 skipped");
});
