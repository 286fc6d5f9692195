import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { duplicateProblems, longestRepeat } from "../../dev/check-duplicates.ts";
import { structureProblems } from "../../dev/check-structure.ts";
import { exceptions, layers, owned } from "../../dev/layers.ts";
import { plant } from "./plant.ts";

describe("structure", () => {
  const problems = (files: Record<string, string>): string[] =>
    structureProblems(join(plant({ "src/errors.ts": "export const e = 1;\n", ...files }), "src"));
  const oneImport = (from: string, to: string, kind = "import { x }"): Record<string, string> => ({
    [`src/${from}`]: `${kind} from "${to}";\n`,
  });

  const down: [string, string, string?][] = [
    ["cli/claim.ts", "../open.ts"],
    ["cli/claim.ts", "../errors.ts"],
    ["cli/demo/play.ts", "../table.ts"],
    ["cli/claim.ts", "../session/claim.ts", "import type { X }"],
    ["index.ts", "./open.ts"],
    ["index.ts", "./session/claim.ts", "export { x }"],
    ["open.ts", "./session/claim.ts"],
    ["session/claim/claim.ts", "../../ledger/publish.ts"],
    ["session/claim/claim.ts", "./state.ts"],
    ["ledger/publish.ts", "../project.ts"],
    ["ledger/publish.ts", "../git/refs.ts"],
    ["project.ts", "./git/run.ts"],
    ["git/run.ts", "../clock.ts"],
    ["config.ts", "./errors.ts"],
  ];
  test.each(down)("src/%s may import %s", (from, to, kind) => {
    expect(problems(oneImport(from, to, kind))).toEqual([]);
  });

  const refused: [string, string, string?][] = [
    ["git/run.ts", "../session/claim.ts"],
    ["git/run.ts", "../session/claim.ts", "import type { X }"],
    ["git/run.ts", "../store/open.ts"],
    ["document/merge.ts", "../git/run.ts"],
    ["project.ts", "./ledger/tip.ts"],
    ["ledger/tip.ts", "../session/claim.ts"],
    ["ledger/tip.ts", "../open.ts"],
    ["session/claim/claim.ts", "../../migrate/up.ts"],
    ["session/claim/claim.ts", "../../cli/main.ts"],
    ["errors.ts", "./clock.ts"],
    ["config.ts", "./document/yaml.ts"],
    ["cli/claim.ts", "../session/claim.ts"],
    ["cli/claim.ts", "../git/run.ts"],
    ["cli/claim.ts", "../dashboard/page.ts"],
    ["mcp/serve.ts", "../cli/claim.ts"],
    ["git/run.ts", "../../dev/layers.ts"],
  ];
  test.each(refused)("src/%s may not import %s", (from, to, kind) => {
    expect(problems(oneImport(from, to, kind))).toHaveLength(1);
  });

  test("an import on demand is an import", () => {
    const files = { "src/cli/claim.ts": `export const f = (): unknown => import("../session/claim.ts");\n` };
    expect(problems(files)).toEqual([
      expect.stringContaining("src/cli/claim.ts:1: cli (surfaces) may not import session"),
    ]);
  });

  const parts = layers.find(({ name }) => name === "parts")?.rooms ?? [];
  test("parts do not know each other, save for listed exceptions", () => {
    for (const from of parts) {
      for (const to of parts.filter((part) => part !== from)) {
        const listed = exceptions.some((exception) => exception.from === from && exception.to === to);
        expect(problems(oneImport(`${from}/a.ts`, `../${to}/b.ts`)), `${from} -> ${to}`).toHaveLength(listed ? 0 : 1);
      }
    }
  });

  test("every exception names two rooms of one layer, and its reason", () => {
    for (const { from, to, why } of exceptions) {
      expect(
        layers.filter(({ rooms }) => rooms.includes(from) && rooms.includes(to)),
        `${from} -> ${to}`,
      ).toHaveLength(1);
      expect(why).not.toBe("");
    }
  });

  const homes: Record<string, string> = {
    "node:child_process": "git/run.ts",
    "node:process": "cli/main.ts",
    "node:sqlite": "store/sqlite.ts",
    postgres: "store/postgres-link.ts",
    yaml: "document/yaml.ts",
    nunjucks: "ledger/template.ts",
    zod: "session/schema-draft.ts",
    "@modelcontextprotocol/server": "mcp/server.ts",
    "@modelcontextprotocol/client": "brain/notes/server-link.ts",
    "@babel/parser": "brain/codemod/syntax.ts",
    "@babel/traverse": "brain/codemod/syntax.ts",
    "@babel/types": "brain/codemod/syntax.ts",
    diff: "brain/codemod/plan.ts",
    "@clack/prompts": "cli/init.ts",
  };
  test.each(owned.map(({ module }) => module))("%s has one owner", (module) => {
    const home = homes[module];
    expect(home, "a place where it is allowed").toBeDefined();
    expect(problems(oneImport(home!, module))).toEqual([]);
    for (const specifier of [module, module.replace("node:", ""), `${module}/deep`]) {
      expect(problems(oneImport("knowledge/search.ts", specifier)), specifier).toHaveLength(1);
    }
  });

  const badNames = [
    "git/types.ts",
    "git/utils.ts",
    "utils/git.ts",
    "git/lock-helpers.ts",
    "shared/a.ts",
    "store/manager.ts",
  ];
  test.each(badNames)("src/%s is no name", (path) => {
    expect(problems({ [`src/${path}`]: "" })).toContainEqual(expect.stringContaining("says nothing"));
  });
  test.each(["git/names.ts", "shared-context/policy.ts"])("src/%s is a name", (path) => {
    expect(problems({ [`src/${path}`]: "" })).toEqual([]);
  });

  test("a folder that stands on no layer is refused", () => {
    expect(problems({ "src/engine/start.ts": "" })).toEqual([expect.stringContaining("stands on no layer")]);
  });

  test("no barrels", () => {
    expect(problems({ "src/git/index.ts": "" })).toHaveLength(1);
    expect(problems(oneImport("git/all.ts", "./run.ts", "export *"))).toHaveLength(1);
    expect(problems(oneImport("git/all.ts", "./run.ts", "export * as run"))).toHaveLength(1);
    expect(problems(oneImport("git/all.ts", "./run.ts", "export { x }"))).toHaveLength(1);
    expect(problems(oneImport("index.ts", "./open.ts", "export *"))).toHaveLength(1);
  });
});

describe("duplicates", () => {
  const body = (count: number): string => Array.from({ length: count }, (_, n) => `  step(${n});`).join("\n");
  const found = (files: Record<string, string>): string[] => duplicateProblems(plant(files));

  test(`${longestRepeat + 1} equal lines in two files are refused, and the place is named`, () => {
    const problems = found({
      "a.ts": `const a = 1;\n${body(longestRepeat + 1)}\n`,
      "b.ts": `const b = 1;\n\n// Why.\n${body(longestRepeat + 1)}\n`,
    });
    expect(problems).toEqual([expect.stringContaining("src/b.ts:4-12 repeats src/a.ts:2")]);
  });
  test("so are they twice in one file, at another depth", () => {
    const deeper = body(longestRepeat + 1).replaceAll("  step", "      step");
    expect(found({ "a.ts": `${body(longestRepeat + 1)}\nconst x = 1;\n${deeper}\n` })).toHaveLength(1);
  });
  test(`${longestRepeat} equal lines, imports and comments may repeat`, () => {
    const head = `import {\n${body(20).replaceAll(/step\((\d+)\);/g, "s$1,")}\n} from "./s.ts";\n/**\n${" * Why.\n".repeat(20)} */\n`;
    const text = `${head}${body(longestRepeat)}\n`;
    expect(found({ "a.ts": `${text}const a = 1;\n`, "b.ts": `${text}const b = 1;\n` })).toEqual([]);
  });
});
