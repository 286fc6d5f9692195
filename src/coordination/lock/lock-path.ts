import { realpathSync } from "node:fs";
import { isAbsolute, parse, sep } from "node:path";
import { BerthError } from "../../errors.ts";
import { nameKey } from "./fold-name.ts";
import { type Atom, expandBraces, mayBeGlob, MOST_WILDCARDS, parseName, plainName, writeName } from "./glob-syntax.ts";
import { ignoresCase, kindAt, namesBelow, namesOf, otherCheckout, spelling, stepAlong, stepInto } from "./real-path.ts";

/**
 * What a lock is on, the same for every way of naming it, in every checkout of the repository. One name for another
 * must not be a second lock, so links, `..`, Unicode forms and case are gone from it.
 */
export interface LockPath {
  readonly kind: "file" | "folder" | "glob";
  /**
   * From the top of the checkout, `/` between the names, in NFC, never empty: the whole repository is the glob `**`.
   * Of a file or folder it is the name as it is; of a glob a pattern in which `[*]` is a star.
   */
  readonly path: string;
  /** `path` as it is compared; equal for files that are one. Globs that are one may have different keys. */
  readonly key: string;
  /** Whether the checkout takes names in other case for the same. */
  readonly ignoreCase: boolean;
}

export interface LockPlace {
  /** Top of the checkout, absolute. */
  readonly top: string;
  /** Where the caller stands, absolute: what relative names start from. */
  readonly cwd: string;
  /** Whether case is ignored there; looked up when it is not given. */
  readonly ignoreCase?: boolean;
  /** Whether every name is meant as it is written, without a word before it. */
  readonly literal?: boolean;
}

const LONGEST = 4096;
/** Before a name that is to be taken as it is, whatever characters it holds. */
const LITERAL = "literal:";

/**
 * The one lock path for what an agent names: a file, a folder, a glob, or `literal:` and a name as it is.
 *
 * A folder is what is one on disk, or what is named with a slash at its end; what does not exist yet is a file
 * otherwise. Links are followed, also those whose target is missing. A name with brackets or braces that exists is that
 * name and no pattern; `*` and `?` are always wildcards (they cover the name that is spelled so). The part of a glob
 * before its first wildcard is resolved like a path; behind it, names are compared as they are.
 *
 * Two names may be one file in ways that are not seen here: hard links, and links that another checkout has not.
 * @throws BerthError INVALID for what no lock can be on: outside the checkout (saying where it leads), in another
 *   checkout within this one, `.git`, empty, with control characters, too long, too many alternatives
 */
export async function lockPath(place: LockPlace, given: string): Promise<LockPath> {
  requireWritten(given);
  const ground: Ground = {
    given,
    top: realpathSync.native(place.top),
    cwd: place.cwd,
    ignoreCase: place.ignoreCase ?? (await ignoresCase(place.top)),
  };
  const marked = place.literal !== true && given.startsWith(LITERAL);
  const literal = place.literal === true || marked;
  const text = (marked ? given.slice(LITERAL.length) : given).normalize("NFC");
  requireWritten(text);
  if (literal || !mayBeGlob(text) || (!/[*?]/.test(text) && (await exists(ground, text)))) {
    return plain(ground, await locate(ground, text, false));
  }
  if (/\{\w+\.\.\w+\}|\[:\w+:\]/.test(text)) {
    throw refused(given, "holds a range in braces or a named class", "Write {1,2,3} or [0-9], or begin with literal:.");
  }
  // One after the other: how many there are is bounded, how many files may be open is the system's.
  const found: Located[] = [];
  for (const alternative of expandBraces(text)) {
    if (alternative !== "") found.push(await locate(ground, alternative.normalize("NFC"), true));
  }
  const different = [...new Map(found.map((one) => [written(one, false).join("/"), one])).values()];
  const [first] = different;
  if (!first) throw refused(given, "names nothing", "Write what the braces stand for.");
  return different.length === 1 && first.rest.length === 0 ? plain(ground, first) : globOf(ground, different);
}

interface Ground {
  readonly given: string;
  /** Real. */
  readonly top: string;
  readonly cwd: string;
  readonly ignoreCase: boolean;
}

interface Located {
  /** From the top, links followed. */
  readonly names: readonly string[];
  /** The first name with a wildcard and all behind it. */
  readonly rest: readonly (readonly Atom[])[];
  /** Whether everything below belongs to it. */
  readonly folder: boolean;
}

function refused(given: string, why: string, hint: string, facts: Record<string, unknown> = {}): BerthError {
  const shown = given.length > 200 ? `${given.slice(0, 200)}…` : given;
  return new BerthError("INVALID", `${JSON.stringify(shown)} ${why}.`, { hint, facts: { given: shown, ...facts } });
}

function requireWritten(given: string): void {
  if (given === "") {
    throw refused(given, "names nothing", "Name a file, a folder or a glob; . is the folder you stand in.");
  }
  if (given.length > LONGEST) {
    throw refused(given, `is longer than ${LONGEST} characters`, "Name the folder above, or a glob.");
  }
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f]/.test(given) || !given.isWellFormed()) {
    throw refused(given, "holds a control character", "Lock the folder, or a glob with ? in its place.");
  }
}

async function exists(ground: Ground, text: string): Promise<boolean> {
  return (await kindAt(await walk(ground, text))) !== null;
}

/** Where a path without wildcards leads. */
async function walk(ground: Ground, text: string): Promise<string> {
  const { from, names } = await start(ground, text);
  return stepAlong(from, names, ground.ignoreCase);
}

async function start(ground: Ground, text: string): Promise<{ from: string; names: string[] }> {
  // What is below the top is gone into from there: that is where the way to the top, which is real, would lead.
  if (text.startsWith(ground.top + sep)) return { from: ground.top, names: namesOf(text.slice(ground.top.length + 1)) };
  if (isAbsolute(text)) {
    const { root } = parse(text);
    return { from: root, names: namesOf(text.slice(root.length)) };
  }
  return { from: realpathSync.native(ground.cwd), names: namesOf(text) };
}

/** Follows the names of a path, or of a pattern without braces up to its first wildcard. */
async function locate(ground: Ground, text: string, isPattern: boolean): Promise<Located> {
  const { from, names: given } = await start(ground, text);
  let at = from;
  let read = 0;
  for (; read < given.length; read++) {
    const name = given[read] ?? "";
    const meant = isPattern ? await nameOf(ground, at, name) : name;
    if (meant === null) break;
    at = await stepInto(at, meant, ground.ignoreCase);
  }
  const names = await requireInside(ground, at);
  const behind = given.slice(read).filter((name) => name !== "" && name !== ".");
  if (behind.includes("..")) {
    throw refused(ground.given, "goes up behind a wildcard", "Write the pattern without .. behind its first wildcard.");
  }
  const slash = ["", ".", ".."].includes(given.at(-1) ?? "");
  const kind = behind.length === 0 ? await kindAt(at) : null;
  const rest = behind.map((name) => parseName(name));
  requireNames(ground, [...names, ...rest.map((atoms) => plainName(atoms) ?? "")]);
  return { names, rest, folder: kind === "folder" || (slash && kind === null) };
}

/** The name that a piece of a pattern stands for; null where it is a wildcard. */
async function nameOf(ground: Ground, folder: string, name: string): Promise<string | null> {
  const plainly = plainName(parseName(name));
  if (plainly !== null || /[*?]/.test(name)) return plainly;
  return (await spelling(folder, name, ground.ignoreCase)) === null ? null : name;
}

/** The names from the top to a real path. */
async function requireInside(ground: Ground, at: string): Promise<string[]> {
  const { given, top, ignoreCase } = ground;
  const names = namesBelow(top, at, ignoreCase);
  if (!names) {
    const facts = { leadsTo: at, top };
    throw refused(given, `leads out of the checkout, to ${at}`, `Name something inside ${top}.`, facts);
  }
  const other = await otherCheckout(top, names);
  if (other !== null) {
    const facts = { leadsTo: at, checkout: other };
    throw refused(given, `lies in another checkout, ${other}`, "Name it by its path within the repository.", facts);
  }
  return names;
}

function requireNames(ground: Ground, names: readonly string[]): void {
  const { given, ignoreCase } = ground;
  // Windows has a second name for it, in the form of old.
  if (names.some((name) => [".git", ...(sep === "\\" ? ["git~1"] : [])].includes(nameKey(name, ignoreCase)))) {
    throw refused(given, "lies in git's own folder", "Locks are on files that git tracks or could track.");
  }
  if (sep === "\\" && names.some((name) => /:|[. ]$/.test(name))) {
    throw refused(
      given,
      "is a name that Windows reads as another",
      "Leave out colons, and dots and spaces at the end.",
    );
  }
}

function plain(ground: Ground, { names, folder }: Located): LockPath {
  return names.length === 0 ? made(ground, "glob", "**") : made(ground, folder ? "folder" : "file", names.join("/"));
}

function made({ given, ignoreCase }: Ground, kind: LockPath["kind"], path: string): LockPath {
  const canonical = path.normalize("NFC");
  if (canonical.length > LONGEST) {
    throw refused(given, `comes to more than ${LONGEST} characters`, "Name the folder above, or fewer alternatives.");
  }
  return { kind, path: canonical, key: nameKey(canonical, ignoreCase), ignoreCase };
}

function globOf(ground: Ground, found: readonly Located[]): LockPath {
  const wild = found.flatMap(({ rest }) => rest.flat()).filter(({ kind }) => kind !== "text").length;
  const patterns = found.map((one) => written(one, found.length > 1));
  // What `overlaps` takes its time for is the pattern written out, not its spelling.
  const length = patterns.flat().reduce((sum, name) => sum + name.length + 1, 0);
  if (wild > MOST_WILDCARDS || length > LONGEST) {
    const most = `Write at most ${MOST_WILDCARDS} wildcards and ${LONGEST} characters, braces written out.`;
    throw refused(ground.given, "stands for too much", `${most} Or lock the folder.`);
  }
  return made(ground, "glob", inBraces(patterns));
}

/** The names of a pattern; a folder is the pattern for all below it. */
function written({ names, rest, folder }: Located, betweenBraces: boolean): string[] {
  const plain = names.map((text): Atom[] => [{ kind: "text", text }]);
  const whole = [...plain, ...rest].map((atoms) => writeName(atoms, betweenBraces));
  return folder && whole.at(-1) !== "**" ? [...whole, "**"] : whole;
}

/** One pattern for several, what they begin with in common before the brace. */
function inBraces(patterns: readonly (readonly string[])[]): string {
  const [first = [], ...others] = patterns;
  let same = 0;
  while (same < first.length - 1 && others.every((other) => other.length > same + 1 && other[same] === first[same])) {
    same++;
  }
  const ends = [...new Set(patterns.map((names) => names.slice(same).join("/")))].sort();
  const end = ends.length === 1 ? (ends[0] ?? "") : `{${ends.join(",")}}`;
  return [...first.slice(0, same), end].join("/");
}
