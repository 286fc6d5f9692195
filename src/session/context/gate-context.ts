import { CONTEXT_FILE } from "../../context/locate.ts";
import { contextSchema } from "../../context/schema.ts";
import { type Problem, type Schema, type Validated, validateText } from "../../context/validate.ts";
import { vocabularyOf } from "../../context/vocabulary.ts";
import { utf8 } from "../../document/utf8.ts";
import { parseYaml } from "../../document/yaml.ts";
import { isBerthError } from "../../errors.ts";
import type { Change } from "../../git/diff.ts";
import type { Oid } from "../../git/names.ts";
import { SESSION_DIR } from "../../ledger/layout.ts";
import type { Project } from "../../project.ts";
import { isContext } from "./context-path.ts";
import type { GateProblem } from "../land/gate-problem.ts";

/**
 * Contexts that a landing would bring in and that are not valid: the session's own at its tip, and those that it changes
 * on the base branch. What was wrong before, there or in what a migration took over as it was, stands in nobody's way;
 * prose and other old forms are left to `migrate`. [CTX-16]
 * @param candidate.tree what lands, without `.session/`
 */
export async function contextProblems(
  project: Project,
  candidate: { readonly tip: Oid; readonly tree: Oid; readonly base: Oid },
  changes: readonly Change[],
): Promise<GateProblem[]> {
  const brought = changes.filter(({ path, to }) => to?.mode.startsWith("100") && isContext(project, path));
  const found: GateProblem[] = [];
  const own = await bytesAt(project, candidate.tip, `${SESSION_DIR}/${CONTEXT_FILE}`);
  if (own !== null)
    found.push(...problemsIn({ now: own, before: [] }, `${SESSION_DIR}/${CONTEXT_FILE}`, schemaOf(project)));
  const migrated = brought.length > 0 ? await migratedBlobs(project, changes) : new Set<string>();
  for (const { path, to } of brought) {
    if (to === null || migrated.has(`${to.oid} ${path}`)) continue;
    const [now, before] = await Promise.all(
      [candidate.tree, candidate.base].map((tree) => bytesAt(project, tree, path)),
    );
    if (now) found.push(...problemsIn({ now, before: [before ?? null] }, path, schemaOf(project)));
  }
  return found;
}

/** What the manifests of migrations that land say of the files that they wrote: `<blob> <path>`. */
export async function migratedBlobs(project: Project, changes: readonly Change[]): Promise<ReadonlySet<string>> {
  const folder = `${project.config.context.central}/_migrations/`;
  const found = new Set<string>();
  for (const { path, to } of changes) {
    const manifest = to !== null && path.startsWith(folder) ? await project.objects.read(to.oid) : null;
    for (const target of manifest ? targetsIn(manifest.data.toString("utf8"), path) : []) found.add(target);
  }
  return found;
}

/** What a manifest lists below `units[].targets[]`; nothing of one that is damaged. */
function targetsIn(text: string, path: string): string[] {
  const listOf = (value: unknown, key: string): Record<string, unknown>[] => {
    const list = (value as Record<string, unknown> | null)?.[key];
    return Array.isArray(list) ? list.filter((item): item is Record<string, unknown> => typeof item === "object") : [];
  };
  try {
    const units = listOf(parseYaml(text, path), "units");
    return units.flatMap((unit) =>
      listOf(unit, "targets").map(({ blob, path: file }) => `${String(blob)} ${String(file)}`),
    );
  } catch (error) {
    if (isBerthError(error)) return [];
    throw error;
  }
}

async function bytesAt(project: Project, tree: Oid, path: string): Promise<Buffer | null> {
  const blob = await project.objects.read(`${tree}:${path}`);
  return blob?.type === "blob" ? blob.data : null;
}

function schemaOf({ config }: Pick<Project, "config">): Schema {
  return contextSchema(vocabularyOf(config));
}

/** One gate's problem for a document, with its first places; what was so before, in any of the versions, does not count. */
export function problemsIn(
  { now, before }: { readonly now: Buffer; readonly before: readonly (Buffer | null)[] },
  path: string,
  schema: Schema,
): GateProblem[] {
  const { format, problems: all } = validateText(utf8(now), path, schema);
  const were = before.flatMap((bytes) => (bytes === null ? [] : [validateText(utf8(bytes), path, schema)]));
  const known = new Set(were.flatMap(({ problems }) => problems.map(({ message }) => message)));
  const problems = all.filter(({ message }) => !known.has(message));
  if (problems.length === 0 || (isOldForm(format) && were.every((was) => isOldForm(was.format) && !was.valid)))
    return [];
  const first = problems.slice(0, 3).map((problem) => said(path, problem));
  const more = problems.length > 3 ? [`and ${problems.length - 3} more`] : [];
  return [{ gate: "context", message: `the context is not valid: ${[...first, ...more].join("; ")}`, paths: [path] }];
}

/** Forms that are left to `migrate`; what was valid in one is to stay valid. */
function isOldForm(format: Validated["format"]): boolean {
  return format !== null && format !== "front-matter";
}

/** A problem with its place; what cannot be read names that itself. */
export function said(path: string, { line, column, message }: Problem): string {
  return message.startsWith(`${path}:`) ? message.replace(/\.$/, "") : `${path}:${line}:${column}: ${message}`;
}
