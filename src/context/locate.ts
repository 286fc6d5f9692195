import { readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { readPlainFile } from "../disk/plain-file.ts";
import { BerthError } from "../errors.ts";
import type { Project } from "../project.ts";
import { readMarker } from "../workspace/marker.ts";
import { isTicketName } from "./ticket-name.ts";

/** The document that holds what the next agent needs. */
export const CONTEXT_FILE = "ACTIVE_SESSION.md";

/** What was moved out of it, beside it. */
export const ARCHIVE_FILE = "ACTIVE_SESSION.archive.md";

export type Layout = Project["config"]["context"]["layout"] | "tickets";

/** Where a context is, in one checkout. */
export interface ContextPlace {
  readonly layout: Layout;
  /** Top of the checkout. */
  readonly top: string;
  /** Path of the file below it, with forward slashes. */
  readonly path: string;
  /** The session whose workspace this is. */
  readonly session: string | null;
  /** The ticket, `<phase>_<issue>`. */
  readonly ticket: string | null;
}

/**
 * The context of the place one stands in, which nobody has to name: in a workspace that of its session or its ticket, on
 * a ticket's branch or in its folder that ticket's, else the central one. The file need not be there yet.
 * @param input.ticket another one, by name
 */
export async function locateContext(
  project: Project,
  input: { readonly ticket?: string | undefined } = {},
): Promise<ContextPlace> {
  const { top } = project.here;
  if (top === null)
    throw new BerthError("WRONG_STATE", "A context is a file of a checkout, and this repository is bare.", {
      hint: "Go to a checkout or workspace of it.",
    });
  const marker = await readMarker(project.here.gitDir);
  const session = marker?.session ?? null;
  const ticket = input.ticket ?? (await ticketHere(project, top, session !== null));
  if (ticket !== null) return placeOfTicket(project, top, requireTicketName(ticket), session);
  // A claim keeps its context in its own folder, unless the project has one for all.
  if (session !== null && project.config.context.layout !== "central")
    return { layout: "sessions", top, path: `.session/${CONTEXT_FILE}`, session, ticket: null };
  return { layout: "central", top, path: `${project.config.context.central}/${CONTEXT_FILE}`, session, ticket: null };
}

/** The context of a ticket in a checkout. */
function placeOfTicket(
  { config }: Pick<Project, "config">,
  top: string,
  ticket: string,
  session: string | null,
): ContextPlace {
  return { layout: "tickets", top, path: `${config.context.tickets}/${ticket}/${CONTEXT_FILE}`, session, ticket };
}

async function ticketHere(project: Project, top: string, isWorkspace: boolean): Promise<string | null> {
  const own = isWorkspace ? await ticketOfPlan(top) : null;
  if (own !== null) return own;
  const [first, ...rest] = relative(join(top, project.config.context.tickets), project.cwd).split(sep);
  if (first !== undefined && isTicketName(first) && !rest.includes("..")) return first;
  const branch = await branchOf(project);
  const name = branch?.startsWith("phase/") ? branch.slice("phase/".length) : null;
  return name !== null && isTicketName(name) ? name : null;
}

/** A session that works a ticket says so in its plan. */
export async function ticketOfPlan(top: string): Promise<string | null> {
  const file = join(top, ".session", "SESSION.md");
  const text = await readPlainFile(file);
  // A parser, which whoever only needs the names of files does without.
  const { parseFrontMatter } = await import("../document/front-matter.ts");
  const ticket = text === null ? null : parseFrontMatter(text, file).data["ticket"];
  return typeof ticket === "string" && isTicketName(ticket) ? ticket : null;
}

async function branchOf({ here }: Pick<Project, "here">): Promise<string | null> {
  const head = await readFile(join(here.gitDir, "HEAD"), "utf8").catch(() => "");
  return /^ref: refs\/heads\/(.+)\n$/.exec(head)?.[1] ?? null;
}

/** @throws BerthError INVALID */
export function requireTicketName(name: string): string {
  if (isTicketName(name)) return name;
  throw new BerthError("INVALID", `${JSON.stringify(name)} is no ticket's name.`, {
    hint: "Tickets are named <phase>_<issue>, such as training_142. See them with: berth ticket list",
  });
}
