import { join } from "node:path";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import type { Hub } from "./git/hub.ts";
import type { ObjectReader } from "./git/objects.ts";
import type { Repository } from "./git/repository.ts";
import type { Git } from "./git/run.ts";
import type { Identity } from "./git/write.ts";
import type { Progress, StepName } from "./progress.ts";
import type { LazyStore } from "./store/open-store.ts";

/** One repository with its hub and settings, seen by one caller: the value that all parts and verbs work on. */
export interface Project {
  readonly git: Git;
  readonly objects: ObjectReader;
  readonly hub: Hub;
  readonly config: Config;
  readonly clock: Clock;
  /** The repository that holds the workspaces: for a clone made as a workspace, its parent. */
  readonly repository: Repository;
  /** The checkout the caller stands in. */
  readonly here: Repository;
  /** The directory the caller stands in. */
  readonly cwd: string;
  readonly caller: Caller;
  /** Folder for locks that all clones of one hub on this machine share. */
  readonly machineDir: string;
  /** How Berth is started from scripts and git hooks: program and leading arguments. */
  readonly program: readonly string[];
  /** The environment for `setup` and `verify` commands. */
  readonly commandEnv: Readonly<Record<string, string>>;
  /** Whether work trees of this repository may have settings of their own already (`extensions.worktreeConfig`). */
  readonly worktreeConfig: boolean;
  /** Whether the user's git signs commits. */
  readonly signs: boolean;
  /** The live layer, opened at the first call. */
  readonly store: LazyStore;
  readonly signal: AbortSignal | undefined;
  readonly progress: Progress;
}

/** Who is calling. Names are data, never proof. */
export interface Caller extends Identity {
  readonly host: string;
  /** The git user's own name: the person who is responsible. */
  readonly user: string;
  /** False for the git user's own name, which everybody has who says none. */
  readonly named: boolean;
}

/** Berth's own files of this repository and machine, never committed. */
export function stateDir(project: Pick<Project, "repository">): string {
  return join(project.repository.commonDir, "berth");
}

/** A folder for files that live as long as one call. */
export function scratchDir(project: Pick<Project, "repository">): string {
  return join(stateDir(project), "tmp");
}

/** What the last verification of a session printed on this machine. */
export function verifyLog(project: Pick<Project, "repository">, session: string): string {
  return join(stateDir(project), "logs", `verify-${session}.log`);
}

/** When an agent was last heard from this machine is the time of this file; without one it is not registered from here. */
export function beatFile(project: Pick<Project, "repository">, agent: string): string {
  return join(stateDir(project), "beats", encodeURIComponent(agent).slice(0, 200));
}

/** Top of the main checkout, or the git directory of a bare repository: what relative paths of settings start from. */
export function homeDir(project: Pick<Project, "repository">): string {
  return project.repository.mainTop ?? project.repository.commonDir;
}

/** Reports a step and waits for whoever listens. */
export async function reach(project: Pick<Project, "progress">, name: StepName, detail: string): Promise<void> {
  await project.progress({ name, detail });
}

/** The caller's checkout as other machines may name it: `host:path`. */
export function checkoutOf(project: Pick<Project, "caller" | "here" | "cwd">): string {
  return `${project.caller.host}:${project.here.top ?? project.cwd}`;
}

/** The tip of the base branch as last fetched, by reference name. */
export function baseRef(project: Pick<Project, "hub" | "config">): string {
  return project.hub.seen(project.config.base);
}

/** The tip of the ledger as last fetched, by reference name. */
export function ledgerRef(project: Pick<Project, "hub" | "config">): string {
  return project.hub.seen(project.config.ledger.branch);
}
