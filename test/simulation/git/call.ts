import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Place, Repositories } from "./repository.ts";

/** One run of git. */
export interface Call {
  readonly place: Place;
  /** Behind the command's name, without `-c` settings. */
  readonly args: readonly string[];
  readonly input: Buffer;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly repositories: Repositories;
  /** The model's time in milliseconds. */
  readonly now: () => number;
}

export interface Answer {
  readonly code: number;
  readonly out: string | Buffer;
  readonly err: string;
}

export type Command = (call: Call) => Answer;

export function say(out: string | Buffer = ""): Answer {
  return { code: 0, out, err: "" };
}

export function fail(code: number, err = "", out: string | Buffer = ""): Answer {
  return { code, out, err };
}

/** The value behind an option, or undefined. */
export function valueOf(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  if (at >= 0) return args[at + 1];
  return args.find((arg) => arg.startsWith(`${option}=`))?.slice(option.length + 1);
}

/** Arguments that are no options, up to `--`. */
export function operands(args: readonly string[], withValue: readonly string[] = []): string[] {
  const end = args.indexOf("--");
  const before = end < 0 ? args : args.slice(0, end);
  return before.filter((arg, at) => !arg.startsWith("-") && !withValue.includes(before[at - 1] ?? ""));
}

/** What stands behind `--`. */
export function behind(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return end < 0 ? [] : args.slice(end + 1);
}

/** Paths of pathspecs that name them literally, without a slash at the end. */
export function pathsOf(specs: readonly string[]): string[] {
  return specs.map((spec) => spec.replace(/^:\((?:top,)?literal\)/, "").replace(/\/$/, ""));
}

export function indexFile({ place, env }: Call): string {
  return env["GIT_INDEX_FILE"] ?? join(place.gitDir, "index");
}

export function topOf({ place }: Call): string {
  if (place.top === null) throw new Error("this operation must be run in a work tree");
  return place.top;
}

/** A setting as git reads it there: that of the work tree goes before that of the repository. */
export function setting({ place }: Call, name: string): string | null {
  const [section, key] = name.split(".");
  const own = readOr(join(place.gitDir, "config.worktree"));
  const found = [...own.matchAll(/^\[(\w+)\]\n\t(\w+) = "(.*)"$/gm)].findLast(([, s, k]) => s === section && k === key);
  return found?.[3] ?? place.repository.config.get(name) ?? null;
}

function readOr(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
