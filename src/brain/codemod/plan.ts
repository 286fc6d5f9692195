import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { messageOf } from "../../errors.ts";
import { REMOVED } from "./api.ts";
import { judge } from "./judge.ts";
import { type Modules, shapesOf } from "./modules.ts";
import { findOldModule, type OldModule } from "./old-module.ts";
import { settle, type Settled } from "./settle.ts";
import { kindOf, readSource, type Source } from "./syntax.ts";
import type { Left } from "./left.ts";

/** What the code of a folder would become: plain data, decided before anything is written. [SIR-13] */
export interface CodePlan {
  /** Where the old module is. */
  readonly modules: readonly string[];
  /** The files outside of it that still name it afterwards. */
  readonly users: readonly string[];
  /** In the order in which they are written: who imports comes before what is imported. */
  readonly changes: readonly FileChange[];
  readonly left: readonly (Left & { readonly path: string })[];
  readonly unreadable: readonly { readonly path: string; readonly why: string }[];
}

interface FileChange {
  readonly path: string;
  readonly edits: number;
  readonly before: string;
  readonly after: string;
  /** A unified diff. */
  readonly diff: string;
}

/** Files that say none of this neither call the old module nor pass it on. */
const RELEVANT = /session|AgentContext|WorkflowMode|AgentInvocation|export\s*\*|exports\s*=/i;

/**
 * Plans the change of all files that use the old module.
 * @param texts the files by their path, relative, with forward slashes
 * @param from files and specifiers that are the old module, besides those that are found by what they export
 * @param to the specifier of the new module
 */
export function planCode(
  texts: ReadonlyMap<string, string>,
  { from, to }: { readonly from: readonly string[]; readonly to: string },
): CodePlan {
  const paths = new Set(texts.keys());
  const relevant = readAll([...texts].filter(([, text]) => RELEVANT.test(text)));
  const first = findOldModule({ shapes: shapesOf(relevant.sources), paths }, from, to);
  // Under another name it may be called anywhere.
  const { sources, unreadable } = first.isRenamed() ? readAll([...texts]) : relevant;
  const modules: Modules = { shapes: shapesOf(sources), paths };
  const old = findOldModule(modules, from, to);
  const callers = sources.filter(({ path }) => !old.owns(path));
  const settled = settle(
    callers.map((source) => judge(source, old, modules.paths)),
    { modules, owns: old.owns, to, stepsTo: (path, specifier) => stepsTo(old, path, specifier) },
  );
  return {
    modules: old.places,
    users: settled.filter(({ user }) => user).map(({ path }) => path),
    changes: importersFirst(settled)
      .filter(({ before, after }) => before !== after)
      .map(changeOf),
    left: settled.flatMap(({ path, left }) => left.map((one) => ({ path, ...one }))),
    unreadable,
  };
}

function readAll(texts: readonly (readonly [path: string, text: string])[]): {
  readonly sources: readonly Source[];
  readonly unreadable: CodePlan["unreadable"];
} {
  const sources: Source[] = [];
  const unreadable: { path: string; why: string }[] = [];
  for (const [path, text] of texts) {
    try {
      sources.push(readSource(path, text));
    } catch (error) {
      unreadable.push({ path, why: reason(path, text, error) });
    }
  }
  return { sources, unreadable };
}

function stepsTo(old: OldModule, path: string, specifier: string): readonly string[] {
  return [...REMOVED, "initSession"].flatMap((name) => old.named(path, specifier, name)?.through ?? []);
}

function reason(path: string, text: string, error: unknown): string {
  const [said = ""] = messageOf(error).split("\n");
  return kindOf(path, text) ? `its names are declared in a way that cannot be followed: ${said}` : said;
}

function changeOf({ path, before, after, edits }: Settled): FileChange {
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY };
  const diff = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, options);
  return { path, edits, before, after, diff };
}

/** A killed run then never leaves a file without what it imports. */
function importersFirst(settled: readonly Settled[]): Settled[] {
  const byPath = new Map(settled.map((one) => [one.path, one]));
  const [seen, imported] = [new Set<string>(), new Array<Settled>()];
  const visit = (one: Settled): void => {
    if (seen.has(one.path)) return;
    seen.add(one.path);
    for (const path of one.imports) {
      const next = byPath.get(path);
      if (next) visit(next);
    }
    imported.push(one);
  };
  for (const one of settled) visit(one);
  return imported.toReversed();
}
