import type { Layout } from "../context/locate.ts";
import { isTicketName } from "../context/ticket-name.ts";
import type { Vocabulary } from "../context/vocabulary.ts";
import { parseYaml } from "../document/yaml.ts";
import { isBerthError, BerthError } from "../errors.ts";
import { shortHash } from "../hash.ts";
import { type Anatomy, dissect } from "./anatomy.ts";
import { sectionsOf } from "./board.ts";
import { type Fields, isMap, lifted } from "./fields.ts";
import { boxesIn, fieldsOfProse } from "./prose.ts";
import type { Group, Origin, Role } from "./sources.ts";
import { homeOf } from "./synonyms.ts";

/** A file as a commit has it; without a text where it is none. */
export interface SourceFile {
  readonly path: string;
  readonly oid: string;
  readonly mode: string;
  readonly text: string | null;
}

/** A source, or the part of it that tells of one piece of work. */
export interface Part {
  readonly path: string;
  readonly role: Role;
  readonly oid: string;
  readonly mode: string;
  /** The lines of the file, counted from 0, where it is not the whole file. */
  readonly lines: readonly [from: number, to: number] | null;
  readonly text: string;
  /** The whole board of which this is a section. */
  readonly board: string | null;
  readonly anatomy: Anatomy;
}

/** Everything that tells of one piece of work, which becomes one context. */
export interface Unit {
  /** `<phase>_<issue>`: what the ticket is called, or would be. */
  readonly name: string;
  readonly origin: Origin;
  /** What is said of it anywhere, under the keys of a context. */
  readonly fields: Fields;
  readonly parts: readonly Part[];
}

/** A source that cannot be read: it stays as it is. */
export interface Broken {
  readonly path: string;
  readonly message: string;
  readonly line: number;
}

/** What the settings say, as far as reading needs it. */
export interface Reading {
  readonly words: Vocabulary;
  readonly startPhase: string;
}

/**
 * Reads groups of files into units. What is broken stops only itself. Pure.
 * @param fileOf the files of the groups
 */
export function unitsOf(
  groups: readonly Group[],
  fileOf: (path: string) => SourceFile | undefined,
  reading: Reading,
): { readonly units: readonly Unit[]; readonly broken: readonly Broken[] } {
  const broken: Broken[] = [];
  const units: Unit[] = [];
  for (const group of groups) {
    const keep = (read: Part | Broken | undefined): readonly Part[] => {
      if (read && "message" in read) broken.push(read);
      return read && "anatomy" in read ? [read] : [];
    };
    const parts = group.files.flatMap(({ path, role }) => {
      const file = fileOf(path);
      return keep(file && partOf(file, role));
    });
    for (const own of separated(parts)
      .map((some) => some.flatMap(keep))
      .filter((some) => some.length > 0)) {
      const unit = unitOf(group, own, reading);
      if (group.doubtful !== true || Object.keys(unit.fields).some((key) => homeOf(key) !== null)) units.push(unit);
    }
  }
  // A ticket's folder without its context says too little of the work.
  const isWhole = (unit: Unit): boolean => unit.parts.some(({ role }) => role !== "ticket" && role !== "checklist");
  return { units: units.filter(isWhole), broken };
}

/** Reads one file. */
export function partOf(file: SourceFile, role: Role): Part | Broken {
  const { path, oid, mode, text } = file;
  try {
    if (!mode.startsWith("100")) throw notText(path, "this is no file of its own but a link");
    if (text === null) throw notText(path, "this is no UTF-8 text");
    const anatomy = role === "ticket" ? ofTicket(text, path) : isEmpty(role, text) ? NOTHING : dissect(text, path);
    return { path, role, oid, mode, lines: null, text, board: null, anatomy };
  } catch (error) {
    if (!isBerthError(error)) throw error;
    const line = error.facts["line"];
    return { path, message: error.message, line: typeof line === "number" ? line : 1 };
  }
}

/** A journal in which nobody wrote yet is no broken one. */
function isEmpty(role: Role, text: string): boolean {
  return role !== "context" && text.trim() === "";
}

const NOTHING: Anatomy = { format: "prose", data: {}, yaml: null, body: "", carriers: new Set() };

function notText(path: string, why: string): BerthError {
  return new BerthError("INVALID", `${path}:1:1: ${why}.`);
}

function ofTicket(text: string, path: string): Anatomy {
  const data = parseYaml(text, path);
  if (!isMap(data)) throw notText(path, "this is not a map of keys");
  const carriers = new Set(text.split("\n").flatMap((line, at) => (line.startsWith("#") ? [] : [at])));
  return { format: "front-matter", data, yaml: text, body: "", carriers };
}

/** A board is about several pieces of work, everything else about one. */
function separated(parts: readonly Part[]): (readonly (Part | Broken)[])[] {
  const [board] = parts;
  if (board?.role !== "board") return parts.length > 0 ? [parts] : [];
  const sections = sectionsOf(board.text);
  if (sections.length === 0) return [parts];
  return sections.map(({ from, to, text }) => {
    const part = partOf({ ...board, text }, "board");
    if ("anatomy" in part) return [{ ...part, lines: [from, to] as const, board: board.text }];
    return [{ ...part, line: part.line + from, message: part.message.replace(/:\d+:/, `:${part.line + from}:`) }];
  });
}

function unitOf(group: Group, parts: readonly Part[], { words, startPhase }: Reading): Unit {
  let fields: Fields = {};
  for (const part of parts) fields = added(fields, fieldsOf(part, words));
  const { title, ...known } = added(fields, ofFolder(group));
  const task = isMap(known["task"]) ? known["task"] : null;
  const named = task?.["title"] ?? title;
  const isOther = task === null && (known["task"] ?? null) !== null;
  const all = named === undefined || isOther ? known : { ...known, task: { ...task, title: named } };
  return { name: nameOf(group, all, parts, startPhase), origin: group.origin, fields: all, parts };
}

/** What a source says, under the keys of a context. */
function fieldsOf(part: Part, words: Vocabulary): Fields {
  if (part.role === "ticket") return { ticket: part.anatomy.data };
  if (part.role === "checklist") return {};
  if (part.anatomy.format !== "prose") return lifted(part.anatomy.data);
  const isTasks = /(?:^|\/)NEXT_TASKS\.md$/i.test(part.path);
  const fields = { ...(isTasks ? boxesIn(part.text) : {}), ...fieldsOfProse(part.text, words) };
  return part.lines ? added(fields, ofHeading(headingOf(part.text))) : fields;
}

/** What the heading of a board's section says: the title, and the issue where it names one. */
function ofHeading(heading: string): Fields {
  const issues = [...heading.matchAll(/(?<![\w&])#([1-9]\d{0,14})(?!\w)/g)].map(([, digits]) => Number(digits));
  const title = heading.replace(/[ \t]*\(?#\d+\)?[ \t]*$/, "");
  return { ...(title === "" ? {} : { title }), ...(issues.length === 1 ? { task: { issue_number: issues[0] } } : {}) };
}

/** Fields with those of another source where they had nothing. */
export function added(fields: Fields, more: Fields): Fields {
  const result: Record<string, unknown> = { ...fields };
  for (const [key, value] of Object.entries(more)) {
    const known = result[key];
    if (key === "task" && isMap(known) && isMap(value)) result[key] = added(known, value);
    else if (known === undefined || known === null || (Array.isArray(known) && known.length === 0)) result[key] = value;
  }
  return result;
}

const STATUS: Readonly<Record<string, string>> = {
  drafting: "open",
  planned: "open",
  active: "active",
  completed: "done",
  abandoned: "abandoned",
};

/** What the folder of an Agent Sessions session says by its place. */
function ofFolder({ session, state }: Group): Fields {
  if (session === null || state === null) return {};
  const status = STATUS[state];
  return { session_id: session, ...(status === undefined ? {} : { status }) };
}

/** The ticket of a unit: the folder's, else phase and issue, else what tells it best from others. */
function nameOf(group: Group, fields: Fields, parts: readonly Part[], startPhase: string): string {
  if (group.ticket !== null) return group.ticket;
  const task = fields["task"];
  const said = [isMap(task) ? task["issue_number"] : null, fields["session_id"], group.session];
  const words = said
    .filter((one) => typeof one === "string" || typeof one === "number")
    .slice(0, 1)
    .map(String);
  const [first] = parts;
  const place = first?.lines ? `${first.path} ${headingOf(first.text)}` : (first?.path ?? group.key);
  const own = first?.lines ? headingOf(first.text) : group.key.replace(/\.[A-Za-z]+$/, "") || place;
  const phases = [fields["phase"], startPhase].filter((one) => typeof one === "string");
  for (const word of [...words, ...words.map(slug), slug(own)])
    for (const phase of phases) if (isTicketName(`${phase}_${word}`)) return `${phase}_${word}`;
  return `${startPhase}_${shortHash(place)}`;
}

function headingOf(text: string): string {
  return text.split("\n")[0]?.replace(/^#+/, "").trim() ?? "";
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 50)
    .replaceAll(/^-+|-+$/g, "");
}

/** The file of a layout's context. */
export function contextPath(
  layout: Layout,
  name: string,
  places: { readonly central: string; readonly tickets: string },
): string {
  if (layout === "sessions") return ".session/ACTIVE_SESSION.md";
  return layout === "central" ? `${places.central}/ACTIVE_SESSION.md` : `${places.tickets}/${name}/ACTIVE_SESSION.md`;
}
