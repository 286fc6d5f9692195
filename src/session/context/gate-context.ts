import { CONTEXT_FILE } from "../../context/locate.ts";
import { contextSchema } from "../../context/schema.ts";
import { type Problem, type Schema, validateText } from "../../context/validate.ts";
import { vocabularyOf } from "../../context/vocabulary.ts";
import type { Change } from "../../git/diff.ts";
import type { Oid } from "../../git/names.ts";
import { SESSION_DIR } from "../../ledger/layout.ts";
import { readFileAt } from "../../ledger/tip.ts";
import type { Project } from "../../project.ts";
import { isContext } from "./context-path.ts";
import type { GateProblem } from "../land/gate-problem.ts";

/**
 * Contexts that a landing would bring in and that are not valid: the session's own at its tip, and those that it changes
 * on the base branch. Prose and other old forms are left to `migrate`. [CTX-16]
 * @param candidate.tree what lands, without `.session/`
 */
export async function contextProblems(
  project: Project,
  candidate: { readonly tip: Oid; readonly tree: Oid },
  changes: readonly Change[],
): Promise<GateProblem[]> {
  const brought = changes.filter(({ path, to }) => to?.mode.startsWith("100") && isContext(project, path));
  const found: GateProblem[] = [];
  const own = await readFileAt(project, candidate.tip, `${SESSION_DIR}/${CONTEXT_FILE}`);
  if (own !== null) found.push(...problemsIn(own, `${SESSION_DIR}/${CONTEXT_FILE}`, schemaOf(project)));
  for (const { path } of brought) {
    const text = await readFileAt(project, candidate.tree, path);
    if (text !== null) found.push(...problemsIn(text, path, schemaOf(project)));
  }
  return found;
}

function schemaOf({ config }: Pick<Project, "config">): Schema {
  return contextSchema(vocabularyOf(config));
}

/** One gate's problem for a document, with its first places. */
export function problemsIn(text: string, path: string, schema: Schema): GateProblem[] {
  const { format, problems } = validateText(text, path, schema);
  if (problems.length === 0 || (format !== null && format !== "front-matter")) return [];
  const first = problems.slice(0, 3).map((problem) => said(path, problem));
  const more = problems.length > 3 ? [`and ${problems.length - 3} more`] : [];
  return [{ gate: "context", message: `the context is not valid: ${[...first, ...more].join("; ")}`, paths: [path] }];
}

function said(path: string, { line, column, message }: Problem): string {
  return message.startsWith(`${path}:`) ? message.replace(/\.$/, "") : `${path}:${line}:${column}: ${message}`;
}
