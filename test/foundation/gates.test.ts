import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { requirementProblems } from "../../dev/check-requirements.ts";
import { textProblems } from "../../dev/check-text.ts";
import { leftOut } from "../../dev/complete-lockfile.ts";
import { checkout, plant } from "./plant.ts";

// Put together, so that this file passes the gates it tests.
const [later, broken] = [["TO", "DO"].join(""), ["FIX", "ME"].join("")];
const [only, skip] = [["", "only"].join("."), ["", "skip"].join(".")];

describe("requirements", () => {
  const rows = `
- {id: ASP-01, now: true, seed: sessions, need: "first"}
- {id: ASP-02, seed: sessions, need: "second"}
`;
  const problems = (...tests: string[]): string[] =>
    requirementProblems(plant({ "test/requirements.yaml": rows, "test/session/claim.test.ts": tests.join("\n") }));

  test("a row of today that no test cites is refused; a later one may wait", () => {
    expect(problems()).toEqual([expect.stringContaining("ASP-01")]);
    expect(problems(`test("[ASP-01] claims", () => {});`)).toEqual([]);
  });
  test("a citation counts in any title, alone or with others", () => {
    for (const cited of [
      `describe("[ASP-01] claim", () => {});`,
      "it(`[ASP-02, ASP-01] claims`, () => {});",
      `test("claims [INV-3] [ASP-01]", () => {});`,
      `test.each([1, 2])("[ASP-01] claims %i", () => {});`,
      `test.each([\n  ["a", "b"],\n  [f(1), "c"],\n])("[ASP-01] claims %s", () => {});`,
      `test.skipIf(windows())(\n  "[ASP-01] claims",\n  () => {},\n);`,
      `test.for(["a"])("[ASP-01] it's %s", () => {});`,
    ]) {
      expect(problems(cited), cited).toEqual([]);
    }
  });
  test("a citation outside a title, or of a test that does not run, counts for nothing", () => {
    for (const uncited of [
      "// [ASP-01]",
      `expect(x, "[ASP-01]");`,
      `test.todo("[ASP-01] claims");`,
      `test${skip}("[ASP-01] claims", () => {});`,
      `// test("[ASP-01] claims", () => {});`,
    ]) {
      expect(problems(uncited), uncited).toHaveLength(1);
    }
  });
  test("a citation of what does not exist is refused, invariants included", () => {
    const cited = `test("[ASP-01] claims", () => {});\n`;
    expect(problems(cited, `test("[INV-1, INV-10] holds", () => {});`)).toEqual([]);
    for (const id of ["ASP-99", "INV-0", "INV-11", "XYZ-1"]) {
      expect(problems(cited, `test("[${id}] claims", () => {});`), id).toEqual([expect.stringContaining(id)]);
    }
  });
  test("an id given twice is refused", () => {
    const twice = "- {id: ASP-01, need: a}\n- {id: ASP-01, need: b}\n";
    expect(requirementProblems(plant({ "test/requirements.yaml": twice }))).toEqual(["ASP-01: twice"]);
  });
});

describe("text", () => {
  const machine = { parent: "/builds/ann", home: "/home/ann" };
  const problems = (file: string, text: string): string[] => textProblems(new Map([[file, text]]), machine);

  test("a path of this machine is refused, and only a whole one", () => {
    for (const text of ["see /builds/ann/berth", `"/home/ann"`, "file:///home/ann/x"]) {
      expect(problems("docs/a.md", `ok\n${text}`), text).toEqual([expect.stringContaining("docs/a.md:2")]);
    }
    for (const text of ["/builds/anna", "x/home/ann/y", "/home/bob"]) expect(problems("a.md", text), text).toEqual([]);
  });
  test("a checkout right under the root or the temporary folder makes no common word a path", () => {
    expect(textProblems(new Map([["a.md", "see / and /usr"]]), { parent: "/", home: "/" })).toEqual([]);
  });
  test("work left for later is refused", () => {
    expect(problems("src/a.ts", `// ${later}: later`)).toHaveLength(1);
    expect(problems("src/a.ts", `// ${broken}`)).toHaveLength(1);
    expect(problems("src/a.ts", "// nothing to do")).toEqual([]);
  });
  test("tests that do not run are refused", () => {
    for (const call of [`test${only}(`, `describe${skip}(`, `it.concurrent${only}(`]) {
      expect(problems("test/a.test.ts", `${call}"x", f);`), call).toHaveLength(1);
    }
    expect(problems("test/a.test.ts", `test.skipIf(windows)("x", f);`)).toEqual([]);
  });
  test("a lockfile that names a registry is refused", () => {
    expect(problems("package-lock.json", `"resolved": "https://packages.test/a.tgz",`)).toHaveLength(1);
    expect(problems("package-lock.json", `"resolved": "dev/node",`)).toEqual([]);
  });
});

describe("lockfile", () => {
  test("holds every platform's packages, also those that the registry of its writer lacked", () => {
    const lockfile = JSON.parse(readFileSync(join(checkout, "package-lock.json"), "utf8")) as {
      packages: Parameters<typeof leftOut>[0];
    };
    expect(Object.keys(leftOut(lockfile.packages)), "run: npm run lock").toEqual([]);
  });
  test("a package left out is told, with the platform that its name says", () => {
    const tool = {
      dev: true,
      optionalDependencies: { "@tool/linux-x64-musl": "1.2.3", "@tool/darwin-arm64": "1.2.3" },
    };
    const held = { "node_modules/@tool/darwin-arm64": {} };
    expect(leftOut({ "node_modules/tool": tool, ...held })).toEqual({
      "node_modules/@tool/linux-x64-musl": {
        version: "1.2.3",
        dev: true,
        optional: true,
        cpu: ["x64"],
        libc: ["musl"],
        os: ["linux"],
      },
    });
    expect(() => leftOut({ tool: { optionalDependencies: { speedup: "1.0.0" } } })).toThrow("no platform");
  });
});
