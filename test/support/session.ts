import { expect } from "vitest";
import { BerthError } from "../../src/errors.ts";
import type { Berth } from "../../src/open.ts";
import { planned, type Sandbox, sandbox } from "./sandbox.ts";

/** A sandbox with one clone (or the repository itself) set up for an agent. */
export interface Team {
  readonly box: Sandbox;
  /** The main checkout. */
  readonly home: string;
  readonly berth: Berth;
}

/** A repository that is set up, with settings if some are given, seen by "agent one". */
export async function team(
  options: Parameters<typeof sandbox>[0] & { settings?: Readonly<Record<string, unknown>> } = {},
): Promise<Team> {
  const box = sandbox(options);
  const home = options.remote === false ? box.hub : box.clone("home");
  const first = await box.open(home, "agent one");
  await first.init(options.settings ?? {});
  return { box, home, berth: options.settings ? await box.open(home, "agent one") : first };
}

/** Claims a session and returns the path of its workspace. */
export async function claimed(
  berth: Berth,
  id: string,
  more: Omit<Parameters<Berth["claim"]>[0], "id"> = {},
): Promise<string> {
  const result = await berth.claim({ id, ...more });
  if (!("workspace" in result) || !result.workspace) throw new Error(`no workspace for ${id}`);
  return result.workspace.path;
}

/** Drafts, plans and claims a session. */
export async function working(
  berth: Berth,
  title: string,
  more: Parameters<typeof planned>[2] = {},
): Promise<{ id: string; dir: string }> {
  const id = await planned(berth, title, more);
  return { id, dir: await claimed(berth, id) };
}

/** Writes files in a workspace and commits everything there, past the hooks. @returns the commit */
export function commit(
  box: Sandbox,
  dir: string,
  subject: string,
  files: Readonly<Record<string, string>> = {},
): string {
  box.write(dir, files);
  box.git(dir, "add", "--all");
  box.git(dir, "commit", "--quiet", "--no-verify", "-m", subject);
  return box.git(dir, "rev-parse", "HEAD");
}

/** The refusal a verb ends with; fails the test when it succeeds or breaks. */
export async function refusal(work: Promise<unknown>, code?: string): Promise<BerthError> {
  const error: unknown = await work.then(
    () => new Error("it was not refused"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof BerthError)) throw error;
  if (code !== undefined) expect(error.code, error.message).toBe(code);
  return error;
}

/** A file of the hub's ledger. */
export function ledgerFile(box: Sandbox, path: string): string {
  return box.git(box.hub, "show", `berth/ledger:${path}`);
}

/** What is in a folder of the hub's branch. */
export function listed(box: Sandbox, rev: string): string[] {
  return box.git(box.hub, "ls-tree", "--name-only", rev).split("\n").filter(Boolean);
}

/** Everything the hub's references say: equal before and after a verb that changed nothing. */
export function refs(box: Sandbox): string {
  return box.git(box.hub, "for-each-ref", "--format=%(refname) %(objectname)");
}
