import { readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { readPlainFile } from "../disk/plain-file.ts";
import { BerthError, isBerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import { contextKeys, ticketKeys } from "./aggregate/row.ts";
import { type FoundContext, type FoundText, LEGACY, legacyOfAll, textsOfAll } from "./aggregate/texts.ts";
import { ARCHIVE_FILE } from "./locate.ts";
import { readContext } from "./read.ts";
import { TICKET_FILE } from "./ticket/files.ts";
import { readTicket } from "./ticket/read.ts";
import { documentsHere } from "./validate-files.ts";
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
 * Looks for text, in any case of letters, and for fields with values, in the contexts and tickets of this checkout with
 * their archives, or in those of all branches; for text alone also in what migrations archived. With both, for the text in the contexts whose fields are so. [CTX-20]
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
  const problems: Problems = [];
  for await (const found of input.all ? textsOfAll(project) : textsHere(project)) {
    const fields = conditions.length === 0 ? [] : await fieldLines(found.documents, conditions, problems);
    if (fields === null) continue;
    if (needle === "") matches.push(...fields);
    else for (const file of [...found.documents, ...found.archives]) matches.push(...textLines(file, needle));
  }
  // These were converted: their fields are found in what they became.
  if (conditions.length === 0)
    for await (const file of input.all ? legacyOfAll(project) : legacyHere(project))
      matches.push(...textLines(file, needle));
  return { matches, problems };
}

async function* textsHere(project: Project): AsyncGenerator<FoundContext> {
  const files = await documentsHere(project);
  for (const [folder, paths] of Map.groupBy(files, (path) => dirname(path))) {
    const documents: FoundText[] = [];
    for (const path of paths) documents.push(...(await textAt(project, path)));
    yield { documents, archives: await textAt(project, join(folder, ARCHIVE_FILE)) };
  }
}

/** What migrations archived in this checkout. */
async function* legacyHere(project: Project): AsyncGenerator<FoundText> {
  const folder = join(project.here.top ?? project.cwd, project.config.context.central, LEGACY);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  for (const path of paths.toSorted()) yield* await textAt(project, path);
}

async function textAt({ cwd }: Pick<Project, "cwd">, path: string): Promise<FoundText[]> {
  const text = await readPlainFile(path);
  return text === null ? [] : [{ file: relative(cwd, path).replaceAll("\\", "/"), text }];
}

type Problems = { file: string; message: string }[];

/** The lines of the fields by which a context or its ticket is asked for; null where one is not so. */
async function fieldLines(
  documents: readonly FoundText[],
  conditions: readonly Condition[],
  problems: Problems,
): Promise<Match[] | null> {
  const unmet = new Set(conditions);
  const having: FoundText[] = [];
  for (const document of documents) {
    // Most are not asked for, and those need no parser that knows places.
    const keys = await keysOf(document, problems);
    const met = keys === null ? [] : conditions.filter((condition) => placesWhere(keys, condition).length > 0);
    for (const condition of met) unmet.delete(condition);
    if (met.length > 0) having.push(document);
  }
  if (unmet.size > 0) return null;
  return having.flatMap((document) => linesWhere(document, conditions));
}

async function keysOf(
  { file, text }: FoundText,
  problems: Problems,
): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    return await (isTicket(file) ? ticketKeys(text, file) : contextKeys(text, file));
  } catch (error) {
    if (!isBerthError(error)) throw error;
    problems.push({ file, message: error.message });
    return null;
  }
}

function linesWhere({ file, text }: FoundText, conditions: readonly Condition[]): Match[] {
  const { data, place } = isTicket(file) ? readTicket(text, file) : readContext(text, file);
  const lines = text.split("\n");
  const found = new Set(
    conditions.flatMap((condition) => placesWhere(data, condition).map((path) => place(path).line)),
  );
  return [...found].map((line) => ({ file, line, text: (lines[line - 1] ?? "").trim() }));
}

function isTicket(file: string): boolean {
  return file.split("/").at(-1) === TICKET_FILE;
}

function textLines({ file, text }: FoundText, needle: string): Match[] {
  if (!text.toLowerCase().includes(needle)) return [];
  return text
    .split("\n")
    .flatMap((line, at) => (line.toLowerCase().includes(needle) ? [{ file, line: at + 1, text: line.trim() }] : []));
}
