import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { BerthError } from "../errors.ts";
import { utf8 } from "../document/utf8.ts";
import type { Project } from "../project.ts";
import { CONTEXT_FILE, hasContext, locateContext } from "./locate.ts";
import { contextSchema } from "./schema.ts";
import { isTicketName } from "./ticket-name.ts";
import { TICKET_FILE } from "./ticket/files.ts";
import { judgeTicket } from "./ticket/judge-ticket.ts";
import { type Validated, validateText } from "./validate.ts";
import { vocabularyOf } from "./vocabulary.ts";

/**
 * Judges contexts and tickets, all problems of all files in one run. [CTX-11]
 * @param input.files paths from where one stands; without any, every context and ticket of this checkout
 * @throws BerthError NOT_FOUND for a file that is not there
 */
export async function contextValidate(
  project: Project,
  input: { readonly files?: readonly string[] | undefined },
): Promise<{ readonly files: readonly Validated[] }> {
  const schema = contextSchema(vocabularyOf(project.config));
  const named = input.files ?? [];
  const top = project.here.top ?? project.cwd;
  const files =
    named.length > 0
      ? named.map((file) => resolve(project.cwd, file))
      : await documentsIn(project, top, [CONTEXT_FILE, TICKET_FILE]);
  const judged: Validated[] = [];
  for (const file of files) {
    const shown = relative(project.cwd, file).replaceAll("\\", "/");
    const text = await textOf(file, shown);
    const isTicket = text !== null && basename(file) === TICKET_FILE;
    judged.push(isTicket ? validateTicket(project, text, file, shown) : validateText(text, shown, schema));
  }
  return { files: judged };
}

/** A ticket.yml; in a ticket's folder it must be about that one. [TKT-03] */
function validateTicket(project: Project, text: string, path: string, file: string): Validated {
  const folder = basename(dirname(path));
  const name = isTicketName(folder) ? folder : null;
  const { read, problems } = judgeTicket(text, file, name, vocabularyOf(project.config));
  return { file, valid: problems.length === 0, format: read === null ? null : "yaml", problems };
}

/** Every context of a checkout, with absolute paths: the one of the place, the central one, those of tickets. */
export async function contextsIn(project: Project, top: string): Promise<string[]> {
  return documentsIn(project, top, [CONTEXT_FILE]);
}

/** The same, and of each ticket the files of these names. */
async function documentsIn(project: Project, top: string, ofTicket: readonly string[]): Promise<string[]> {
  const { central, tickets } = project.config.context;
  const here = await locateContext(project);
  const names = await readdir(join(top, tickets)).catch(() => []);
  const found = [
    join(top, here.path),
    join(top, central, CONTEXT_FILE),
    ...names
      .filter(isTicketName)
      .toSorted()
      .flatMap((name) => ofTicket.map((file) => join(top, tickets, name, file))),
  ];
  const there: string[] = [];
  for (const file of new Set(found))
    if (await hasContext({ ...here, top, path: relative(top, file) })) there.push(file);
  return there;
}

/** Null for what is no UTF-8. */
async function textOf(file: string, shown: string): Promise<string | null> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new BerthError("NOT_FOUND", `${shown} cannot be read: ${error.code}.`, { hint: "Check the path." });
  });
  return utf8(bytes);
}
