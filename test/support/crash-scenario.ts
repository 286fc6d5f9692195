import type { Sandbox } from "./sandbox.ts";

/** Where the ledger is: behind a remote, behind one that cannot move branches together, or in the repository itself. */
export type HubKind = "remote" | "single" | "local";

/** A world in which a verb is about to run. */
export interface World {
  readonly box: Sandbox;
  readonly hub: HubKind;
  /** The main checkout the verb runs in. */
  readonly home: string;
  /** The session; empty where it is about a ticket. */
  readonly id: string;
  /** The ticket, where it is about one. */
  readonly ticket?: string;
  /** Where the verb runs; without it, at home. */
  readonly dir?: string;
  readonly agent: string;
  readonly verb: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Run again after its answer was lost it adds once more, or is refused. */
  readonly adds?: boolean;
  /** Commits that must never be lost. */
  readonly commits: readonly string[];
  /** Uncommitted text that must never be lost. */
  readonly text: string | null;
  /** Puts the world back to where it was before the verb. */
  reset(): void;
}

export type Builder = (box: Sandbox, home: string) => Promise<Made>;

export type Made = Pick<World, "id" | "agent" | "verb" | "input" | "commits" | "text"> &
  Partial<Pick<World, "ticket" | "dir" | "adds">>;
