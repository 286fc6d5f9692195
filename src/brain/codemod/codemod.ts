import { posix, relative, resolve } from "node:path";
import type { FileText } from "../../disk/text-file.ts";
import { BerthError } from "../../errors.ts";
import type { Project } from "../../project.ts";
import { sourceFolder, sourcePaths, sourceText } from "./files.ts";
import { existing } from "./modules.ts";
import { type CodePlan, planCode } from "./plan.ts";
import { writeChanges } from "./write.ts";

export interface CodemodInput {
  /** The folder that has the calling code, from where one stands. */
  readonly dir: string;
  /** Files below it, and specifiers as they are written, that are the old module as well. */
  readonly from?: readonly string[] | undefined;
  /** The specifier of the new module. */
  readonly to?: string | undefined;
  /** Without it nothing is changed. */
  readonly write?: boolean | undefined;
}

export interface CodemodReport {
  readonly folder: string;
  /** How many source files were looked through. */
  readonly files: number;
  /** Where the old module is, which itself is left as it is. */
  readonly modules: readonly string[];
  /** The files outside of it that still name it afterwards. */
  readonly users: readonly string[];
  readonly written: boolean;
  readonly changed: readonly ChangedFile[];
  /** What a person decides. */
  readonly left: CodePlan["left"];
  /** Files that cannot be read or were written by somebody else meanwhile; they are as they were. */
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
}

interface ChangedFile {
  readonly path: string;
  readonly edits: number;
  readonly diff: string;
}

/**
 * Finds callers of the functions and ids that the session state has no more, and rewrites those forms that are safe.
 * Nothing outside of the changes is touched, and nothing is written without `write`; a second run finds nothing more
 * to do, and one that was killed is finished by another. [SIR-13]
 * @throws BerthError NOT_FOUND when there is no such folder, INVALID for a new module that is no specifier
 */
export async function brainCodemod(project: Project, input: CodemodInput): Promise<{ report: CodemodReport }> {
  const to = requireSpecifier(input.to ?? "berth/session-state");
  const folder = await sourceFolder(resolve(project.cwd, input.dir));
  const paths = await sourcePaths(project, folder);
  const texts = new Map<string, FileText & { readonly text: string }>();
  const skipped: { path: string; why: string }[] = [];
  for (const path of paths) {
    const found = await sourceText(folder, path);
    if ("why" in found) skipped.push({ path, why: found.why });
    else texts.set(path, found);
  }
  const plan = planCode(new Map([...texts].map(([path, { text }]) => [path, text])), {
    from: (input.from ?? []).map((one) => fromHere(project, folder, new Set(paths), one)),
    to,
  });
  const unwritten = input.write ? await writeChanges(project, folder, plan.changes, texts) : [];
  const missed = new Set(unwritten.map(({ path }) => path));
  const changed = plan.changes
    .filter(({ path }) => !missed.has(path))
    .map(({ path, edits, diff }) => ({ path, edits, diff }));
  const { modules, users, left, unreadable } = plan;
  skipped.push(...unreadable, ...unwritten);
  return {
    report: { folder, files: paths.length, modules, users, written: input.write ?? false, changed, left, skipped },
  };
}

/** A specifier means the same in every file: a path does not. */
function requireSpecifier(to: string): string {
  if (/^[@#~\w][^\s"'`\\]*$/.test(to)) return to;
  throw new BerthError("INVALID", `${to} is no module that every file can name.`, {
    hint: "Name a package or an alias, as berth/session-state.",
    facts: { to },
  });
}

/** A file is named from where one stands, or from the folder; everything else is a specifier. */
function fromHere(project: Project, folder: string, paths: ReadonlySet<string>, named: string): string {
  const here = relative(folder, resolve(project.cwd, named)).replaceAll("\\", "/");
  return existing(paths, here) ?? existing(paths, posix.normalize(named)) ?? named;
}
