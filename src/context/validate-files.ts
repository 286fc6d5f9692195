import { lstat, readdir } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { BerthError, isBerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import { readDocument } from "./document-file.ts";
import { CONTEXT_FILE, locateContext } from "./locate.ts";
import { contextSchema } from "./schema.ts";
import { isTicketName } from "./ticket-name.ts";
import { TICKET_FILE } from "./ticket/files.ts";
import { judgeTicket } from "./ticket/judge-ticket.ts";
import { unreadable, type Validated, validateText } from "./validate.ts";
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
  const files = named.length > 0 ? named.map((file) => resolve(project.cwd, file)) : await documentsHere(project);
  const judge = async (file: string, shown: string): Promise<Validated> => {
    const text = await textOf(file, shown);
    if (typeof text !== "string") return unreadable(shown, text);
    return basename(file) === TICKET_FILE
      ? validateTicket(project, text, file, shown)
      : validateText(text, shown, schema);
  };
  const judged: Validated[] = [];
  for (const file of files) {
    const shown = relative(project.cwd, file).replaceAll("\\", "/");
    judged.push(await judge(file, shown));
  }
  return { files: judged };
}

/** The text of a file; why it has none for what stands there and is no text. @throws BerthError NOT_FOUND */
async function textOf(file: string, shown: string): Promise<string | BerthError> {
  try {
    const { text } = await readDocument(file, shown);
    if (text !== null) return text;
  } catch (error) {
    if (!isBerthError(error)) throw error;
    return error;
  }
  throw new BerthError("NOT_FOUND", `${shown} does not exist.`, { hint: "Check the path." });
}

/** A ticket.yml; in a ticket's folder it must be about that one. [TKT-03] */
function validateTicket(project: Project, text: string, path: string, file: string): Validated {
  const folder = basename(dirname(path));
  const name = isTicketName(folder) ? folder : null;
  const { read, problems } = judgeTicket(text, file, name, vocabularyOf(project.config));
  return { file, valid: problems.length === 0, format: read === null ? null : "yaml", problems };
}

/** Every context and ticket.yml of this checkout, with absolute paths: the one of the place, the central one, tickets. */
export async function documentsHere(project: Project): Promise<string[]> {
  const top = project.here.top ?? project.cwd;
  const { central, tickets } = project.config.context;
  const here = await locateContext(project);
  const names = await readdir(join(top, tickets)).catch(() => []);
  const found = [
    join(top, here.path),
    join(top, central, CONTEXT_FILE),
    ...names
      .filter(isTicketName)
      .toSorted()
      .flatMap((name) => [CONTEXT_FILE, TICKET_FILE].map((file) => join(top, tickets, name, file))),
  ];
  const there: string[] = [];
  // A folder or a link in the place of one is not passed over: it is wrong there.
  for (const file of new Set(found)) if (await lstat(file).catch(() => null)) there.push(file);
  return there;
}
