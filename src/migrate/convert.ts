import type { Layout } from "../context/locate.ts";
import { cutFences, lineEnd } from "../document/fence.ts";
import { parseFrontMatter, setFields } from "../document/front-matter.ts";
import { writeYaml } from "../document/yaml.ts";
import { isMap, lifted, liftOf } from "./fields.ts";
import { ticketFields } from "./ticket-fields.ts";
import { added, type Part, type Unit } from "./unit.ts";

/** The texts that a unit becomes. */
export interface Converted {
  readonly context: string;
  /** `ticket.yml`, where the layout has one and the folder does not have it yet. */
  readonly ticket: string | null;
}

/** Whether a source stays as it is: the files beside the context of a ticket that remains one. */
export function stays(part: Part, unit: Unit, to: Layout): boolean {
  return to === "tickets" && unit.origin === "tickets" && (part.role === "ticket" || part.role === "checklist");
}

/**
 * One context out of all that tells of a piece of work: the first source with its bytes, its keys under the names they
 * have here; of the others each whole behind it, and what they say where the first says nothing. Pure.
 */
export function convert(unit: Unit, to: Layout, nextPhase: (phase: string) => string | null): Converted {
  const [first, ...rest] = ordered(unit, to);
  if (!first) return { context: "", ticket: null };
  const form = inFrontMatter(first);
  const own = parseFrontMatter(form, first.path).data;
  const { ticket, ...fields } = added(own, unit.fields);
  const context = setFields(form, changesOf(own, { ...fields, ...kept(ticket, to) }, first), first.path);
  return { context: [context, ...rest.map(appended)].reduce(joined), ticket: ticketText(unit, to, ticket, nextPhase) };
}

/** The same where a source cannot be turned into front matter without losing anything: all of it stays text. */
export function convertWhole(unit: Unit, to: Layout, nextPhase: (phase: string) => string | null): Converted {
  const { ticket, ...fields } = unit.fields;
  const head = setFields("", { ...fields, ...kept(ticket, to), migrated_from: unit.parts[0]?.path }, "");
  return {
    context: [head, ...ordered(unit, to).map(appended)].reduce(joined),
    ticket: ticketText(unit, to, ticket, nextPhase),
  };
}

/** The same where not even the values can be written: all is text, and nothing is said of it. */
export function convertText(unit: Unit, to: Layout, nextPhase: (phase: string) => string | null): Converted {
  return convertWhole({ ...unit, fields: {} }, to, nextPhase);
}

/** The sources whose text goes into the context. */
function ordered(unit: Unit, to: Layout): Part[] {
  return unit.parts.filter((part) => part.role !== "ticket" && !stays(part, unit, to));
}

/** What the ticket's own file says has a key of its own wherever there is no such file. */
function kept(ticket: unknown, to: Layout): Record<string, unknown> {
  return ticket === undefined || (to === "tickets" && isMap(ticket)) ? {} : { ticket };
}

/** Only what is other than it was: every other key keeps its bytes. */
function changesOf(
  own: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
  first: Part,
): Record<string, unknown> {
  const gone = Object.keys(own).filter((key) => !Object.hasOwn(wanted, key));
  const changes = { ...wanted, ...Object.fromEntries(gone.map((key) => [key, undefined])) };
  return Object.keys(wanted).length > 0 ? changes : { migrated_from: first.path };
}

/** A source as a document with front matter, in which nothing but the names and shapes of keys is other than before. */
function inFrontMatter({ text, path, anatomy }: Part): string {
  const { format, data, body, yaml } = anatomy;
  if (format === "json" || format === "key-value") return setFields(body, lifted(data), path);
  if (format === "prose") return text;
  const end = lineEnd(text);
  const { mark } = cutFences(text, path);
  const whole = yaml === null ? setFields(text, data, path) : text;
  const form =
    format === "fenced" && yaml !== null ? `${mark}---${end}${yaml}---${end}${body.slice(mark.length)}` : whole;
  const { renames, sets } = liftOf(data);
  let renamed = form;
  for (const [from, to] of renames) renamed = rename(renamed, from, to, path);
  return setFields(renamed, sets, path);
}

/** Gives a key another name where it stands, with its comments and spelling. */
function rename(text: string, from: string, to: string, file: string): string {
  const { data, lines } = parseFrontMatter(text, file);
  const all = text.split("\n");
  const at = (lines.get(from) ?? 0) - 1;
  const line = all[at] ?? "";
  const written = line.replace(/^(\s*)(["']?)[^"':]+\2(\s*:)/, `$1${to}$3`);
  const result = all.with(at, written).join("\n");
  const wanted = Object.entries(data).map(([key, value]) => [key === from ? to : key, value]);
  try {
    const now = Object.entries(parseFrontMatter(result, file).data);
    if (JSON.stringify(now) === JSON.stringify(wanted)) return result;
  } catch {
    // A key that is written in another manner: it is written anew.
  }
  return setFields(text, { [from]: undefined, [to]: data[from] }, file);
}

/** A source as it stands behind another one: whole, with a word on where it is from. */
function appended({ text, path, anatomy, lines }: Part): string {
  const from = `<!-- from ${path.replaceAll(/--+|[<>]/g, "-")}${lines ? `, line ${lines[0] + 1}` : ""} -->\n\n`;
  const bare = text.replace(/^\uFEFF/, "");
  const isMarkdown = path.endsWith(".md") && anatomy.format !== "json" && anatomy.format !== "key-value";
  if (isMarkdown) return from + bare;
  let fence = "~~~";
  for (const [marks] of bare.matchAll(/~{3,}/g)) if (marks.length >= fence.length) fence = `${marks}~`;
  return `${from}${fence}\n${bare}${bare.endsWith("\n") ? "" : "\n"}${fence}\n`;
}

function joined(text: string, more: string): string {
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}\n${more}`;
}

function ticketText(
  unit: Unit,
  to: Layout,
  ticket: unknown,
  nextPhase: (phase: string) => string | null,
): string | null {
  if (to !== "tickets" || unit.origin === "tickets") return null;
  return writeYaml(isMap(ticket) ? ticket : ticketFields(unit, nextPhase));
}
