import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { checkout, linkPackages, plant } from "./plant.ts";

const lines = (count: number, text = "// line"): string => `${text}\n`.repeat(count);
const longFunction = (body: number): string => `export function long(): void {\n${lines(body, "  void 0;")}}\n`;

/** What oxlint must catch: the file that breaks the rule, and its twin that keeps it. */
const linted: Readonly<Record<string, { rule: string; bad: string; good: string; beside?: string }>> = {
  "a file of more than 300 lines": { rule: "eslint(max-lines)", bad: lines(301), good: lines(300) },
  "a function of more than 60 lines": {
    rule: "eslint(max-lines-per-function)",
    bad: longFunction(59),
    good: longFunction(58),
  },
  "an import cycle": {
    rule: "import(no-cycle)",
    bad: `import { b } from "./beside.ts";\nexport const a = (): unknown => b;\n`,
    good: `export const a = (): number => 1;\n`,
    beside: `import { a } from "./planted.ts";\nexport const b = (): unknown => a;\n`,
  },
  "a cycle of types": {
    rule: "import(no-cycle)",
    bad: `import type { B } from "./beside.ts";\nexport interface A {\n  b?: B;\n}\n`,
    good: `export interface A {\n  b?: string;\n}\n`,
    beside: `import type { A } from "./planted.ts";\nexport interface B {\n  a?: A;\n}\n`,
  },
  "a default export": {
    rule: "import(no-default-export)",
    bad: "export default 1;\n",
    good: "export const one = 1;\n",
  },
  "a floating promise": {
    rule: "typescript(no-floating-promises)",
    bad: `export function go(): void {\n  Promise.resolve();\n}\n`,
    good: `export async function go(): Promise<void> {\n  await Promise.resolve();\n}\n`,
  },
  "a switch that forgets a case": {
    rule: "typescript(switch-exhaustiveness-check)",
    bad: `export function f(x: "a" | "b"): number {\n  switch (x) {\n    case "a":\n      return 1;\n  }\n  return 2;\n}\n`,
    good: `export function f(x: "a" | "b"): number {\n  switch (x) {\n    case "a":\n      return 1;\n    case "b":\n      return 2;\n  }\n}\n`,
  },
  "a thrown value that is no Error": {
    rule: "typescript(only-throw-error)",
    bad: `export function f(): void {\n  throw { code: 1 };\n}\n`,
    good: `export function f(): void {\n  throw new Error("no");\n}\n`,
  },
  "console outside the surfaces": {
    rule: "eslint(no-console)",
    bad: `export function f(): void {\n  console.log("x");\n}\n`,
    good: "export const f = 1;\n",
  },
  "process.env outside the surfaces": {
    rule: "node(no-process-env)",
    bad: `export const home: unknown = process.env["HOME"];\n`,
    good: "export const home = 1;\n",
  },
  "the type any": {
    rule: "typescript(no-explicit-any)",
    bad: "export const x: any = 1;\n",
    good: "export const x: unknown = 1;\n",
  },
  "a type import that loads its file": {
    rule: "typescript(no-import-type-side-effects)",
    bad: `import { type Stats } from "node:fs";\nexport type S = Stats;\n`,
    good: `import type { Stats } from "node:fs";\nexport type S = Stats;\n`,
  },
};

describe("lint", () => {
  const cases = Object.entries(linted);
  let bad: Found;
  let good: Found;
  beforeAll(() => {
    const badFiles: Record<string, string> = {};
    const goodFiles: Record<string, string> = {};
    for (const [index, [, planted]] of cases.entries()) {
      badFiles[`src/git/case${index}/planted.ts`] = planted.bad;
      goodFiles[`src/git/case${index}/planted.ts`] = planted.good;
      if (planted.beside === undefined) continue;
      badFiles[`src/git/case${index}/beside.ts`] = planted.beside;
      goodFiles[`src/git/case${index}/beside.ts`] = planted.beside;
    }
    [bad, good] = [lint(badFiles), lint(goodFiles)];
  });

  for (const [index, [what, { rule }]] of cases.entries()) {
    test(`refuses ${what}, and passes its clean twin`, () => {
      expect(bad(`case${index}/planted.ts`)).toContain(rule);
      expect(good(`case${index}/planted.ts`)).not.toContain(rule);
    });
  }
  test("lets the command line and the hooks print and read the environment", () => {
    const text = `export function f(): void {\n  console.log(process.env["HOME"]);\n}\n`;
    const surfaces = lint({ "src/cli/f.ts": text, "src/hook/f.ts": text });
    expect([...surfaces("cli/f.ts"), ...surfaces("hook/f.ts")]).toEqual([]);
  });
});

describe("types", () => {
  const check = (text: string): string => {
    const folder = plant({
      "tsconfig.json": readFileSync(join(checkout, "tsconfig.json"), "utf8"),
      "package.json": `{"type":"module"}`,
      "src/a.ts": text,
    });
    linkPackages(folder);
    return spawnSync("tsc", { cwd: folder, encoding: "utf8", shell: true }).stdout;
  };
  test.each([
    ["what Node cannot strip", "TS1294", "export enum A {\n  B,\n}\n"],
    ["an unchecked index", "TS2322", "export const f = (a: string[]): string => a[0];\n"],
    ["an unused local", "TS6133", "export function f(): void {\n  const a = 1;\n}\n"],
    ["undefined for an optional property", "TS2375", "export const a: { b?: string } = { b: undefined };\n"],
    ["an export without a written type", "TS9013", "export const f = (a: number) => a + 1;\n"],
    ["a missing return", "TS7030", "export function f(a: boolean): undefined | 1 {\n  if (a) return 1;\n}\n"],
  ])("tsc refuses %s (%s)", (_, code, text) => {
    expect(check(text)).toContain(`src/a.ts(`);
    expect(check(text)).toContain(code);
  });
  test("tsc passes a clean file", () => {
    expect(check("export const f = (a: number): number => a + 1;\n")).toBe("");
  });
});

describe("unused", () => {
  const unused = (files: Record<string, string>): string => {
    const folder = plant({
      "knip.json": readFileSync(join(checkout, "knip.json"), "utf8"),
      "package.json": JSON.stringify({ name: "planted", type: "module", dependencies: { yaml: "2.9.1" } }),
      "src/cli/main.ts": `import { used } from "../used.ts";\nimport "yaml";\nused();\n`,
      "src/used.ts": "export const used = (): void => undefined;\n",
      ...files,
    });
    linkPackages(folder);
    return spawnSync("knip --no-config-hints", { cwd: folder, encoding: "utf8", shell: true }).stdout;
  };
  test("knip refuses an unused export, file and dependency, and passes a project without", () => {
    expect(unused({})).toBe("");
    expect(
      unused({ "src/used.ts": "export const used = (): void => undefined;\nexport const spare = 1;\n" }),
    ).toContain("spare");
    expect(unused({ "src/lonely.ts": "export const lonely = 1;\n" })).toContain("src/lonely.ts");
    expect(unused({ "src/cli/main.ts": `import { used } from "../used.ts";\nused();\n` })).toContain("yaml");
  });
});

type Found = (file: string) => string[];

/** Lints a planted project with the checkout's rules; answers which rules fired on a file. */
function lint(files: Readonly<Record<string, string>>): Found {
  const folder = plant({
    ".oxlintrc.json": readFileSync(join(checkout, ".oxlintrc.json"), "utf8"),
    "tsconfig.json": readFileSync(join(checkout, "tsconfig.json"), "utf8"),
    ...files,
  });
  linkPackages(folder);
  const { stdout } = spawnSync("oxlint --format json src", { cwd: folder, encoding: "utf8", shell: true });
  const output = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  return (file) => output.diagnostics.filter(({ filename }) => filename.endsWith(file)).map(({ code }) => code);
}
