import type { Standing } from "./standing.ts";

/** What a statement takes and gives: JSON is text, times are milliseconds since the epoch, truth is 0 or 1. */
export type Value = string | number | null;

/** One thing that happened, as the change feed carries it. */
export interface FeedEvent {
  /** Counts up by one within a project, in the order in which the writes became visible. */
  readonly seq: number;
  /** Milliseconds since the epoch, by the store's clock. */
  readonly at: number;
  /** `lock.granted`, `agent.registered` …: noun and what happened to it. */
  readonly kind: string;
  /** What it happened to: an agent's id, a path, a key. */
  readonly subject: string;
  /** Who did it; null where the store itself noticed. */
  readonly agent: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event as it comes along with a wake-up. */
export interface HeardEvent extends FeedEvent {
  /** See {@link NewEvent}; undefined where it was too long to come along. */
  readonly brief?: unknown;
}

export interface NewEvent extends Omit<FeedEvent, "seq" | "at"> {
  /**
   * JSON that the feed does not keep: what listeners would ask for next, where the engine's wake-ups carry it and it is
   * short.
   */
  readonly brief?: unknown;
}

/** A transaction that reads and needs no clock. Statements number their values `$1`, `$2` …, on every engine. */
export interface Asking {
  readonly project: string;
  /** The store's clock, as an expression of SQL: milliseconds since the epoch. */
  readonly moment: string;
  all<Row extends object>(sql: string, ...values: readonly Value[]): Promise<Row[]>;
  one<Row extends object>(sql: string, ...values: readonly Value[]): Promise<Row | undefined>;
}

/** A transaction that reads. */
export interface Reading extends Asking {
  /** The store's clock at the begin of the transaction, in milliseconds since the epoch. */
  readonly now: number;
}

/** What is noted without a turn: each statement stands alone, and decides by itself whatever is to be decided. */
export interface Signing extends Asking {
  /** @returns how many rows were changed */
  run(sql: string, ...values: readonly Value[]): Promise<number>;
}

/** A transaction that writes: the only one of its project at its time, on any machine. */
export interface Writing extends Reading {
  /** @returns how many rows were changed */
  run(sql: string, ...values: readonly Value[]): Promise<number>;
  /** Adds to the change feed, in the same transaction. @returns its sequence number */
  append(event: NewEvent): Promise<number>;
}

/** What differs between the engines, for those who must know. */
export interface Engine {
  readonly name: "sqlite" | "postgres";
  /** How others learn of a write: a file-system event on this machine, or a notification from the server. */
  readonly wakes: "fs.watch" | "notify";
  /** Whose clock judges expiry. */
  readonly clock: "machine" | "server";
  /** Whether agents of several machines meet in it. */
  readonly manyMachines: boolean;
}

/** How long somebody is ready to wait, where that is not as long as the store itself would. */
export interface Patience {
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The live layer of one project: agents, locks, tasks, shared context, and the feed of their changes. What must outlive
 * it is in git. Opened by any number of processes.
 */
export interface Store {
  readonly engine: Engine;
  /** Where it is, without secrets. */
  readonly place: string;
  /**
   * Reads one consistent state, without asking for the time: on a server one round trip less. `work` may run again from
   * the start, and is quickest where it asks for all at once.
   */
  ask<T>(work: (tx: Asking) => Promise<T>): Promise<T>;
  /** Reads one consistent state. */
  read<T>(work: (tx: Reading) => Promise<T>): Promise<T>;
  /**
   * Writes, all of it or nothing, and durably once it returns. `work` may run again from the start when the connection
   * was lost, so it keeps no state of its own; it must not open another transaction.
   * @throws BerthError TIMED_OUT, STORE_DAMAGED, STORE_UNREACHABLE, FAILED for a full or read-only place
   */
  write<T>(work: (tx: Writing) => Promise<T>, patience?: Patience): Promise<T>;
  /**
   * Notes what may be lost when the machine of the store goes down, and what may be noted twice: signs of life, what was
   * read. On a server nobody waits for a turn; each statement is a transaction of its own. The feed has none of it.
   */
  sign<T>(work: (tx: Signing) => Promise<T>): Promise<T>;
  /** Starts to listen for what is added to the feed, also by other processes. What is read afterwards misses none. */
  listen(): Promise<Listening>;
  /**
   * Stands under a name until it is closed or the process ends: a connection to the server, a lock of this machine's
   * kernel. Several may under one name.
   */
  stand(name: string): Promise<Standing>;
  /** Whether anybody stands under a name. */
  stands(name: string): Promise<boolean>;
  /** Looks at all of it, which may take a while. @returns what the engine itself finds wrong; servers see to that alone */
  problems(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** An ear on the store, for one listener. */
export interface Listening {
  /**
   * Resolves when something may have been written since it last did, at the latest after `ms`.
   * @returns the events that were added, where all of them came along with the wake-up; null where the feed is to be read
   */
  wake(ms: number, signal?: AbortSignal): Promise<readonly HeardEvent[] | null>;
  close(): Promise<void>;
}
