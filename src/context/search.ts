import { readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { readPlainFile } from "../disk/plain-file.ts";
import { BerthError, isBerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import { contextKeys } from "./aggregate/row.ts";
import { type FoundContext, type FoundText, textsOfAll } from "./aggregate/texts.ts";
import { ARCHIVE_FILE } from "./locate.ts";
import { readContext } from "./read.ts";
import { contextsIn } from "./validate-files.ts";
import { type Condition, parseCondition, placesWhere } from "./where.ts";

/** A line that was found. */
export interface Match {
  /** A path from where one stands; of another branch `BRANCH:PATH`, which `git show` prints. */
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export interface Searched {
  readonly matches: readonly Match[];
  /** Files of which no field could be asked. */
  readonly problems: readonly { readonly file: string; readonly message: string }[];
}

/**
 * Looks for text, in any case of letters, and for fields with values, in the contexts of this checkout with their
 * archives, or in those of all branches. With both, for the text in the contexts whose fields are so. [CTX-20]
 * @throws BerthError USAGE without anything to look for, or for a condition that is none
 */
export async function contextSearch(
  project: Project,
  input: {
    readonly text?: string | undefined;
    readonly where?: readonly string[];
    readonly all?: boolean;
  },
): Promise<Searched> {
  const conditions = (input.where ?? []).map(parseCondition);
  const needle = input.text?.toLowerCase() ?? "";
  if (needle === "" && conditions.length === 0)
    throw new BerthError("USAGE", "There is nothing to look for.", {
      hint: "For example: berth context search blocker, or berth context search --where status=active",
    });
  const matches: Match[] = [];
  const problems: { file: string; message: string }[] = [];
  for await (const found of input.all ? textsOfAll(project) : textsHere(project)) {
    const fields = conditions.length === 0 ? [] : await fieldLines(found.context, conditions, problems);
    if (fields === null) continue;
    if (needle === "") matches.push(...fields);
    else for (const file of [found.context, ...found.archives]) matches.push(...textLines(file, needle));
  }
  return { matches, problems };
}

async function* textsHere(project: Project): AsyncGenerator<FoundContext> {
  const top = project.here.top ?? project.cwd;
  const legacy = join(top, project.config.context.central, "_legacy");
  const old = (await readdir(legacy).catch(() => [])).filter((name) => name.endsWith(".md")).toSorted();
  const read = async (path: string): Promise<FoundText[]> => {
    const text = await readPlainFile(path);
    return text === null ? [] : [{ file: relative(project.cwd, path).replaceAll("\\", "/"), text }];
  };
  for (const path of [...(await contextsIn(project, top)), ...old.map((name) => join(legacy, name))]) {
    const [context] = await read(path);
    if (context) yield { context, archives: await read(join(dirname(path), ARCHIVE_FILE)) };
  }
}

/** The lines of the fields by which a context is asked for; null where one is not so. */
async function fieldLines(
  { file, text }: FoundText,
  conditions: readonly Condition[],
  problems: { file: string; message: string }[],
): Promise<Match[] | null> {
  try {
    // Most are not asked for, and those need no parser that knows places.
    const keys = await contextKeys(text, file);
    if (conditions.some((condition) => placesWhere(keys, condition).length === 0)) return null;
    const { data, place } = readContext(text, file);
    const lines = text.split("\n");
    const matches: Match[] = [];
    for (const condition of conditions) {
      for (const { line } of placesWhere(data, condition).map(place))
        matches.push({ file, line, text: (lines[line - 1] ?? "").trim() });
    }
    return matches.filter(({ line }, at) => matches.findIndex((other) => other.line === line) === at);
  } catch (error) {
    if (!isBerthError(error)) throw error;
    problems.push({ file, message: error.message });
    return null;
  }
}

function textLines({ file, text }: FoundText, needle: string): Match[] {
  if (!text.toLowerCase().includes(needle)) return [];
  return text
    .split("\n")
    .flatMap((line, at) => (line.toLowerCase().includes(needle) ? [{ file, line: at + 1, text: line.trim() }] : []));
}
