import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { BerthError } from "../../errors.ts";
import { type Oid, type RefName, refName } from "../../git/names.ts";
import { moveRefs } from "../../git/refs.ts";
import { writeBlobs } from "../../git/write.ts";
import { checkoutOf, type Project, scratchDir } from "../../project.ts";
import { operand } from "../../shell-word.ts";
import type { Reading, Writing } from "../../store/store.ts";
import { heard } from "../agent/heard.ts";
import { flag, line, orNull, requireInput, text as words } from "../input.ts";
import { type Hold, readHolds, shown } from "../lock/hold.ts";
import { type LockPath, lockPath } from "../lock/lock-path.ts";
import { matches, overlaps } from "../lock/path-overlap.ts";
import { notify } from "../message/notify.ts";
import { type Base, baseInGit, isBase, ownBase, parseBase, recall, rememberTexts } from "./base.ts";
import { criticalPaths } from "./critical.ts";
import { decideSave, type Decision } from "./decide.ts";
import {
  type FileConflict,
  linesOf,
  openFileConflicts,
  placeOf,
  resolveFileConflicts,
  storeFileConflict,
} from "./file-conflict.ts";
import { type FileText, readText, replaceText, textHash } from "../../disk/text-file.ts";

export interface SaveInput {
  readonly path: string;
  /** The hash of what the text was made from: of the last save, of `git hash-object` or `sha256sum`; null: a new file. */
  readonly base: string | null;
  readonly text: string;
  /** The text decides what is not decided yet about this file. */
  readonly resolve?: boolean;
  readonly agent?: string | undefined;
  /** Only say what would become of it. */
  readonly dryRun?: boolean;
}

const INPUT = { path: words, base: orNull(words), text: words, resolve: flag, agent: line, dryRun: flag };

/** A file that changes faster than it can be saved is somebody's who does not save through us. */
const TRIES = 50;

export interface SaveResult {
  /** From the top of the checkout, links followed. */
  readonly path: string;
  /** Of what is in the file now; null where there is none. */
  readonly hash: string | null;
  /** What others wrote meanwhile is in it as well. */
  readonly merged: boolean;
  readonly conflict: FileConflict | null;
  readonly warnings: readonly string[];
}

/**
 * Saves a file that several agents may write at once: what others wrote since the base is merged by line. Where the same
 * lines were changed, and at any concurrent change of a file that is named critical, the file stays as it is, both texts
 * are kept, and both writers are told. [XCS-13] [INV-7]
 *
 * A lock of another agent, taken in this checkout, refuses; one taken in another checkout is a warning.
 * @throws BerthError LOCK_HELD; INVALID for a path outside, a folder, or what is no text
 */
export async function saveFile(project: Project, input: SaveInput): Promise<SaveResult> {
  requireInput(input, INPUT, ["path", "base", "text"]);
  const target = await targetOf(project, input.path);
  const { text: there } = await readText(target.file, input.path);
  const base = await ownBase(project, parseBase(input.base), target.path.path, there);
  if (!input.text.isWellFormed() || input.text.includes("\0"))
    throw new BerthError("INVALID", "What is to be saved is no text.", { hint: "Save files of bytes under a lock." });
  const store = await project.store.open();
  const wanted = { target, base, input, agent: input.agent ?? project.caller.name };
  const inGit = isBase(base, there) ? null : await baseInGit(project, base, target.path.path);
  return store.write(async (tx) => save(tx, project, wanted, inGit));
}

/** The hash of a file as it is now, which a save may start from; null where there is none. @throws BerthError INVALID */
export async function fileHash(
  project: Project,
  input: { readonly path: string },
): Promise<{ readonly path: string; readonly hash: string | null }> {
  requireInput(input, { path: words }, ["path"]);
  const { file, path } = await targetOf(project, input.path);
  const { text } = await readText(file, input.path);
  return { path: path.path, hash: text === null ? null : textHash(text) };
}

interface Target {
  readonly path: LockPath;
  /** Absolute, links followed. */
  readonly file: string;
  readonly place: string;
  readonly critical: boolean;
}

async function targetOf(project: Project, given: string): Promise<Target> {
  const top = project.here.top ?? project.cwd;
  const path = await lockPath({ top, cwd: project.cwd, literal: true }, given);
  if (path.kind !== "file")
    throw new BerthError("INVALID", `${given} is a folder.`, { hint: "Name one file.", facts: { path: given } });
  const spelled = join(await realpath(top), path.path);
  // Lock paths are in one Unicode form, which the name on disk need not have.
  const file = existsSync(spelled) ? spelled : await realpath(resolve(project.cwd, given)).catch(() => spelled);
  const critical = (await criticalPaths(project)).some((pattern) => matches(pattern, path.path));
  return { path, file, place: checkoutOf(project), critical };
}

interface Wanted {
  readonly target: Target;
  readonly base: Base;
  readonly input: SaveInput;
  readonly agent: string;
}

/** The file is written in the transaction: of one project there is only one at a time. */
async function save(tx: Writing, project: Project, wanted: Wanted, inGit: string | null): Promise<SaveResult> {
  const { target, base, input, agent } = wanted;
  const { path } = target.path;
  await heard(tx, agent);
  const warnings = await heldByOthers(tx, target, agent);
  for (let tries = 0; tries < TRIES; tries++) {
    const was = await readText(target.file, input.path);
    const unchanged = isBase(base, was.text);
    const from = base.kind === "none" ? null : ((await recall(tx, base, { place: target.place, path })) ?? inGit);
    const decision = decideSave({
      now: was.text,
      unchanged,
      base: base.kind === "none" ? null : (from ?? undefined),
      text: input.text,
      critical: target.critical,
    });
    const met = unchanged ? { others: [], last: null } : await meets(tx, target, from, was, agent);
    if (decision.kind === "conflict") {
      const conflict = await refuse(tx, project, wanted, was, decision, met.last);
      return { path, hash: was.text === null ? null : textHash(was.text), merged: false, conflict, warnings };
    }
    const changes = was.text !== decision.text && input.dryRun !== true;
    if (changes && !(await replaceText(target.file, decision.text, was, scratchDir(project)))) continue;
    await rememberTexts(tx, [was.text, inGit, decision.text]);
    const hash = textHash(decision.text);
    await recordSave(tx, target, { was: hashOrNone(was.text), hash, agent, merged: decision.merged });
    if (decision.merged) await tellMerged(tx, path, agent, met.others);
    await decide(tx, wanted, unchanged);
    return { path, hash, merged: decision.merged, conflict: null, warnings };
  }
  throw new BerthError("TIMED_OUT", `${path} is being written all the time; nothing was saved.`, {
    hint: "Find out who writes it: berth status",
    facts: { path },
  });
}

/** @throws BerthError LOCK_HELD by another agent in this checkout @returns a warning for each lock of another checkout */
async function heldByOthers(tx: Reading, { path, place }: Target, agent: string): Promise<string[]> {
  const holds = (await readHolds(tx)).filter((hold) => hold.agent !== agent && overlaps(hold.at, path));
  const here = holds.filter((hold) => hold.place === place);
  const [first] = here;
  if (first)
    throw new BerthError("LOCK_HELD", `${saidOf(first)}; nothing was saved.`, {
      hint: `Wait for it: berth lock ${operand(path.path, "--wait 60")}; or ask: berth tell ${operand(first.agent)} "…"`,
      facts: { path: path.path, holders: here.map(shown) },
    });
  return holds.map((hold) => `${saidOf(hold)}, in another checkout: what both change meets when it lands.`);
}

function saidOf({ path, agent, role, expiresAt, reason }: Hold): string {
  return `${path} is locked by ${agent}${role === null ? "" : ` (${role})`} until ${expiresAt}${reason === null ? "" : `: ${reason}`}`;
}

/**
 * Who saved the file since the base, and who of them last; nobody where the file was changed past Berth. Where no save
 * knows the base, only the last one is sure to have come after it.
 */
async function meets(
  tx: Reading,
  { place, path }: Target,
  base: string | null,
  was: FileText,
  agent: string,
): Promise<{ readonly others: readonly string[]; readonly last: string | null }> {
  const saves = await tx.all<{ was: string; hash: string; agent: string }>(
    "select was, hash, agent from file_save where project = $1 and place = $2 and path = $3 order by seq",
    tx.project,
    place,
    path.path,
  );
  const from = hashOrNone(base);
  const made = saves.findLastIndex(({ hash }) => hash === from);
  const replaced = saves.findLastIndex(({ was: old }) => old === from);
  const since = made >= 0 ? saves.slice(made + 1) : saves.slice(replaced);
  const last = since.at(-1);
  return {
    others: [...new Set(since.map((one) => one.agent))].filter((other) => other !== agent),
    last: last && was.text !== null && textHash(was.text) === last.hash ? last.agent : null,
  };
}

function hashOrNone(text: string | null): string {
  return text === null ? "none" : textHash(text);
}

async function recordSave(
  tx: Writing,
  { place, path }: Target,
  save: { readonly was: string; readonly hash: string; readonly agent: string; readonly merged: boolean },
): Promise<void> {
  const { was, hash, agent, merged } = save;
  const seq = await tx.append({ kind: "file.saved", subject: path.path, agent, data: { hash, merged, place } });
  await tx.run(
    "insert into file_save (project, seq, place, path, was, hash, agent, at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
    tx.project,
    seq,
    place,
    path.path,
    was,
    hash,
    agent,
    tx.now,
  );
}

async function tellMerged(tx: Writing, path: string, agent: string, others: readonly string[]): Promise<void> {
  const text = `What ${[agent, ...others].join(" and ")} wrote in ${path} was merged.`;
  for (const to of [agent, ...others]) await notify(tx, to, { kind: "file.merged", from: agent, text, data: { path } });
}

/** Keeps both texts: the one that stands for later saves, the refused one in git, where nothing of the live layer is needed. */
async function refuse(
  tx: Writing,
  project: Project,
  { target, input, agent }: Wanted,
  was: FileText,
  { reason, conflicts }: Extract<Decision, { kind: "conflict" }>,
  oursBy: string | null,
): Promise<FileConflict> {
  const { path } = target.path;
  const theirs = textHash(input.text);
  const kept = refName(`refs/berth/kept/saves/${theirs.slice("sha256:".length)}`);
  const [blob] = input.dryRun ? [] : await writeBlobs(project.git, scratchDir(project), [input.text]);
  if (blob) await keepBlob(project, kept, blob, `save of ${path} by ${agent}`);
  await rememberTexts(tx, [was.text, input.text]);
  const ours = hashOrNone(was.text);
  const lines = linesOf(conflicts, was.text ?? "");
  const { conflict, isNew } = await storeFileConflict(tx, target.place, {
    path,
    reason,
    lines,
    ours,
    theirs,
    kept,
    oursBy,
    theirsBy: agent,
  });
  const who = `${oursBy ?? "Somebody"} and ${agent}`;
  const text = `${who} changed ${placeOf(conflict)}; the file stays as it is until somebody decides. The other text: git show ${kept}`;
  for (const to of isNew ? new Set([agent, oursBy ?? agent]) : [])
    await notify(tx, to, { kind: "file.conflict", from: agent, text, data: { path, conflict: conflict.id } });
  return conflict;
}

/** @throws BerthError GIT_FAILED: a text that is not kept must not be called so */
async function keepBlob(project: Project, ref: RefName, blob: Oid, reason: string): Promise<void> {
  const { moved, said } = await moveRefs(project.git, [{ ref, old: null, new: blob }], reason);
  if (!moved && (await project.objects.stat(ref))?.oid !== blob)
    throw new BerthError("GIT_FAILED", `The refused text could not be kept: ${said}.`, {
      hint: "Nothing was saved. Keep your text, and look at the repository with: berth doctor",
    });
}

/** Whoever was refused and now saves upon what stands has decided; so has anybody who says so. */
async function decide(tx: Writing, { target, input, agent }: Wanted, unchanged: boolean): Promise<void> {
  const open = await openFileConflicts(tx, { place: target.place, path: target.path.path });
  const decided = open.filter(({ theirsBy }) => input.resolve === true || (unchanged && theirsBy === agent));
  await resolveFileConflicts(tx, decided, agent);
  const told = new Set(decided.flatMap(({ oursBy, theirsBy }) => [theirsBy, ...(oursBy === null ? [] : [oursBy])]));
  told.delete(agent);
  const text = `${agent} decided the conflict in ${target.path.path}.`;
  for (const to of told)
    await notify(tx, to, { kind: "file.merged", from: agent, text, data: { path: target.path.path } });
}
