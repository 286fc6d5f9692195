import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync, Visitor, type Argument, type Expression } from "oxc-parser";
import { parse } from "yaml";
import { report } from "./report.ts";

const invariants = 10;

interface Requirement {
  readonly id: string;
  readonly now?: boolean;
}

/**
 * Holds tests and requirements together: every row marked `now: true` is cited by the title of a test, and every
 * citation (`[ASP-05]`, `[INV-3]`, `[ASP-05, INV-3]`) names a row or an invariant that exists.
 */
export function requirementProblems(root: string): string[] {
  const rows = parse(readFileSync(join(root, "test/requirements.yaml"), "utf8")) as readonly Requirement[];
  const known = new Set(rows.map(({ id }) => id));
  for (let n = 1; n <= invariants; n++) known.add(`INV-${n}`);

  const citations = globSync("test/**/*.test.ts", { cwd: root }).flatMap((file) =>
    citationsIn(file, readFileSync(join(root, file), "utf8")).map((id) => ({ id, file: file.replaceAll("\\", "/") })),
  );
  const cited = new Set(citations.map(({ id }) => id));
  return [
    ...citations.filter(({ id }) => !known.has(id)).map(({ id, file }) => `${file}: cites ${id}, which does not exist`),
    ...rows
      .filter(({ id, now }) => now === true && !cited.has(id))
      .map(({ id }) => `test/requirements.yaml: ${id} is marked "now" and no test cites it in its title`),
    ...rows.filter(({ id }, index) => rows.findIndex((row) => row.id === id) !== index).map(({ id }) => `${id}: twice`),
  ];
}

/** Ids in brackets within the titles of tests and suites; a skipped or planned test proves nothing. */
function citationsIn(file: string, source: string): string[] {
  const ids: string[] = [];
  new Visitor({
    CallExpression({ callee, arguments: [title] }) {
      const words = wordsOf(callee);
      if (!/^(?:test|it|describe)$/.test(words[0] ?? "") || words.includes("skip") || words.includes("todo")) return;
      for (const [, list = ""] of titleText(title).matchAll(/\[([A-Z]+-\d+(?:,\s*[A-Z]+-\d+)*)\]/g)) {
        ids.push(...list.split(/,\s*/));
      }
    },
  }).visit(parseSync(file, source).program);
  return ids;
}

/** `test.concurrent.each([…])` as its words: the test function, then what modifies it. */
function wordsOf(callee: Expression): string[] {
  if (callee.type === "Identifier") return [callee.name];
  if (callee.type === "CallExpression") return wordsOf(callee.callee);
  if (callee.type === "TaggedTemplateExpression") return wordsOf(callee.tag);
  if (callee.type === "MemberExpression" && callee.property.type === "Identifier") {
    return [...wordsOf(callee.object), callee.property.name];
  }
  return [];
}

function titleText(title: Argument | undefined): string {
  if (title?.type === "Literal") return String(title.value);
  if (title?.type === "TemplateLiteral") return title.quasis.map(({ value }) => value.raw).join(" ");
  return "";
}

if (import.meta.main) report("requirements", requirementProblems(join(import.meta.dirname, "..")));
