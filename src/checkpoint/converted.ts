import { access } from "node:fs/promises";
import { join } from "node:path";
import type { IndexContent, IndexEntry } from "../git/index-file.ts";
import { type Git, run } from "../git/run.ts";
import { byteFields } from "./untracked.ts";

/** Attributes by which git changes the line ends of a file, or a keyword in it: its bytes are fewer in git, or the same. */
const SHORTENS = new Set(["text", "crlf", "eol", "ident"]);
/** Attributes by which anything may change. */
const CHANGES = new Set(["filter", "working-tree-encoding"]);

type Where = { readonly git: Git; readonly dir: string; readonly commonDir: string };

/** What the settings say of conversions, before any file is looked at. */
export interface Conversions {
  /** Every text may be converted. */
  readonly all: boolean;
  /** Attributes are given somewhere outside the work tree. */
  readonly elsewhere: boolean;
}

export async function readConversions({ git, dir, commonDir }: Where): Promise<Conversions> {
  const args = ["config", "-z", "--get-regexp", "^core\\.(autocrlf|attributesfile)$"];
  const said = byteFields((await run(git, args, { dir, accept: [1] })).stdout);
  const always = said.findLast((field) => field.startsWith("core.autocrlf"));
  return {
    all: always !== undefined && !/\n(?:false|no|off|0)?$/i.test(always),
    elsewhere:
      said.some((field) => field.startsWith("core.attributesfile")) ||
      (await anyExists(attributeFiles(commonDir, git.env))),
  };
}

/**
 * Tracked files whose bytes may be others on the disk than in git although git sees no change: those that are converted
 * on their way. Where no setting and no file asks for conversions, nothing is looked at.
 * @param index its bytes: names in them are found without reading it all
 * @param untracked files that may hold attributes too
 */
export async function convertedFiles(
  { git, dir }: Pick<Where, "git" | "dir">,
  { all, elsewhere }: Conversions,
  index: Buffer | null,
  entries: IndexContent,
  untracked: readonly string[],
): Promise<string[]> {
  const asked =
    elsewhere ||
    index?.includes("gitattributes") ||
    // The fourth version leaves out what a name shares with the one before.
    index?.[7] === 4 ||
    untracked.some((path) => /(?:^|\/)\.gitattributes$/.test(path));
  if (!all && !asked) return [];
  const files = entries.all().filter(({ stage, mode, unseen }) => stage === 0 && mode.startsWith("100") && !unseen);
  const { shortened, changed } = await asAttributesSay(git, dir, files, all);
  return [...changed, ...(await ofOtherSize(git, dir, files, shortened))];
}

function attributeFiles(commonDir: string, env: Readonly<Record<string, string>>): string[] {
  const home = env["XDG_CONFIG_HOME"] ?? (env["HOME"] === undefined ? null : join(env["HOME"], ".config"));
  const own = home === null ? [] : [join(home, "git", "attributes")];
  return [join(commonDir, "info", "attributes"), "/etc/gitattributes", ...own];
}

async function anyExists(files: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

async function asAttributesSay(
  git: Git,
  dir: string,
  files: readonly IndexEntry[],
  all: boolean,
): Promise<{ shortened: ReadonlySet<string>; changed: readonly string[] }> {
  const input = Buffer.from(files.map(({ path }) => `${path}\0`).join(""), "latin1");
  const { stdout } = await run(git, ["check-attr", "-z", "--stdin", "--all"], { dir, input });
  const said = byteFields(stdout);
  const shortened = new Set(all ? files.map(({ path }) => path) : []);
  const changed = new Set<string>();
  for (let at = 0; at + 2 < said.length; at += 3) {
    const [path = "", name = "", value = ""] = said.slice(at, at + 3);
    if (value === "unset") continue;
    if (SHORTENS.has(name)) shortened.add(path);
    if (CHANGES.has(name)) changed.add(path);
  }
  for (const path of changed) shortened.delete(path);
  return { shortened, changed: [...changed] };
}

/** Of files that only grow on their way to the disk, those that are not as long there as in git. */
async function ofOtherSize(
  git: Git,
  dir: string,
  files: readonly IndexEntry[],
  among: ReadonlySet<string>,
): Promise<string[]> {
  const asked = files.filter(({ path }) => among.has(path));
  if (asked.length === 0) return [];
  const input = asked.map(({ oid }) => `${oid}\n`).join("");
  const { stdout } = await run(git, ["cat-file", "--batch-check=%(objectsize)", "--buffer"], { dir, input });
  const sizes = stdout.toString("latin1").split("\n");
  return asked.filter(({ size }, at) => Number(sizes[at]) % 2 ** 32 !== size).map(({ path }) => path);
}
