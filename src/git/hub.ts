import type { RefName } from "./names.ts";
import type { RefUpdate } from "./refs.ts";

/**
 * The repository all agents share, seen from this one: the remote, or the local repository where there is none.
 */
export interface Hub {
  readonly kind: "remote" | "local";
  /** For people: the address without its password, or the path. */
  readonly name: string;
  /** Equal for every clone of the same hub on this machine: the name under which its processes queue. */
  readonly id: string;
  /** The local reference that holds what was last seen of a branch of the hub. */
  seen(branch: string): RefName;
  /**
   * Brings the tips of these branches, with their objects, to `seen`. A branch that the hub does not have disappears.
   * @param optional branches that the hub probably does not have: their absence costs nothing
   * @throws BerthError HUB_UNREACHABLE
   */
  fetch(branches: readonly string[], optional?: readonly string[]): Promise<void>;
  /**
   * Moves branches of the hub, all or none, each only from its old value and only forward (deletions apart).
   * `references` are full names on the hub. The answer of git proves success only: on anything else the caller
   * fetches and reads what became true.
   */
  publish(updates: readonly RefUpdate[]): Promise<Publication>;
  /** The branch the hub itself takes as its main one, or null. */
  defaultBranch(): Promise<string | null>;
  /** Facts that decide whether this hub can be worked with, given the branches that must move there. */
  inspect(branches: readonly string[]): Promise<readonly HubFinding[]>;
}

export type Publication =
  | { readonly accepted: true }
  | {
      readonly accepted: false;
      /** Why, in the hub's words, for people only. */
      readonly said: string;
      /** The connection failed, or the answer never came. */
      readonly cut: boolean;
      /** The hub cannot move several references at once; nothing was sent. */
      readonly notAtomic: boolean;
    };

/** One fact about a hub, as `doctor` shows it. */
export interface HubFinding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix: string | null;
}
