import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { readPlainFile } from "../disk/plain-file.ts";
import { parseFrontMatter } from "../document/front-matter.ts";
import { isBerthError, messageOf } from "../errors.ts";
import { type Project, verifyLog } from "../project.ts";
import type { ContextPlace } from "./locate.ts";

/** What a take-over wrote down of the holder before, in `.session/handoff.md`. */
export interface LeftBehind {
  readonly from: string;
  readonly epoch: number | null;
  readonly host: string | null;
  readonly at: string | null;
  /** Why it was replaced: what showed that it was dead, or whose word it was. */
  readonly why: readonly string[];
  readonly workspace: string | null;
  /** The snapshot of what was not committed: a reference on the machine that took over. */
  readonly snapshot: string | null;
  /** Files of that snapshot, with the lines that were added and removed. */
  readonly notCommitted: readonly string[];
  /** What its context said of the way on, where that was not committed. */
  readonly context: readonly string[];
}

/** What the last verification of the session printed on this machine, as far as its end. */
export interface LastOutput {
  readonly file: string;
  readonly at: string;
  readonly lines: readonly string[];
}

/** @returns null for a session that was not taken over */
export async function readLeft(place: ContextPlace, problems: string[]): Promise<LeftBehind | null> {
  const path = ".session/handoff.md";
  const written = place.session === null ? null : await readPlainFile(join(place.top, path));
  if (written === null) return null;
  try {
    const { data } = parseFrontMatter(written, path);
    const epoch = data["epoch"];
    return {
      from: wordOf(data["from"]) ?? "somebody",
      epoch: typeof epoch === "number" ? epoch : null,
      host: wordOf(data["host"]),
      at: wordOf(data["taken_over_at"]),
      why: wordsOf(data["why"]),
      workspace: wordOf(data["workspace"]),
      snapshot: wordOf(data["snapshot"]),
      notCommitted: wordsOf(data["not_committed"]),
      context: wordsOf(data["context"]),
    };
  } catch (error) {
    if (!isBerthError(error)) throw error;
    problems.push(messageOf(error));
    return null;
  }
}

const MOST_BYTES = 8192;
const MOST_LINES = 30;

/** It stays where it was printed, which may be nobody else's business. @returns null where nothing was */
export async function lastOutput(project: Project, session: string | null): Promise<LastOutput | null> {
  if (session === null) return null;
  const file = verifyLog(project, session);
  const handle = await open(file, "r").catch(() => null);
  if (!handle) return null;
  try {
    const { size, mtimeMs } = await stat(file);
    const from = Math.max(0, size - MOST_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, from);
    const lines = buffer.toString("utf8", 0, bytesRead).split("\n");
    const whole = (from > 0 ? lines.slice(1) : lines).filter((line) => line.trim() !== "");
    return { file, at: new Date(mtimeMs).toISOString(), lines: whole.slice(-MOST_LINES) };
  } finally {
    await handle.close();
  }
}

/** How the page tells of it: with its source, and what was left as it was written. */
export function leftLines(left: LeftBehind | null): string[] {
  if (left === null) return [];
  const { from, epoch, host, at, why, workspace, snapshot, notCommitted, context } = left;
  const where = `${from}${epoch === null ? "" : `, epoch ${epoch}`}${host === null ? "" : `, on ${host}`}`;
  const safe = snapshot !== null && /^refs\/berth\/checkpoints\/[\w./-]+$/.test(snapshot);
  return [
    `- taken over from ${where}${at === null ? "" : ` at ${at}`}: ${why.join("; ")}`,
    ...(workspace === null ? [] : [`- its workspace: ${workspace}`]),
    ...(safe
      ? [
          `- not committed there, in ${snapshot}; to go on with it: git restore --source ${snapshot} --worktree -- . ':(exclude).session'`,
        ]
      : []),
    ...notCommitted.map((file) => `- not committed: ${file}`),
    ...context.map((said) => `- not committed in its context: ${said}`),
  ];
}

export function outputLines(output: LastOutput | null): string[] {
  if (output === null) return [];
  return [`- the last lines of ${output.file}, ${output.at}:`, ...output.lines.map((line) => `  > ${line}`)];
}

function wordOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function wordsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap((item) => (typeof item === "string" ? [item] : [])) : [];
}
