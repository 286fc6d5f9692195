import { BerthError } from "../errors.ts";
import { isFull } from "./postgres-errors.ts";
import { type Bell, makeBell } from "./bell.ts";
import type { Link } from "./postgres-link.ts";
import { eventOf } from "./notice.ts";
import type { Listening } from "./store.ts";

/** Keeps one connection of its own for those who listen, and hears the server's notifications on it. */
export interface Ear {
  /** Resolves when nothing more can be missed. */
  listen(): Promise<Listening>;
  close(): Promise<void>;
}

export interface EarOptions {
  /** A connection that rings when the server notifies. */
  readonly open: (ring: (notice: string) => void) => Promise<Link>;
  /** Tries until it succeeds or nobody wants to wait any longer. */
  readonly persist: <T>(attempt: () => Promise<T>) => Promise<T>;
  /** What is said on each new connection. */
  readonly greet: (link: Link) => Promise<unknown>;
  /** Whether listeners' own waiting times may do until a server that has no connection left has one again. */
  readonly optional: boolean;
  /** How often a silent connection is asked whether it is still there. */
  readonly askMs: number;
  readonly random: () => number;
}

export function makeEar(options: EarOptions): Ear {
  const line = makeLine(options);
  let closed = false;
  const leave = async (listener: object): Promise<void> => {
    if (line.listeners.delete(listener) && line.listeners.size === 0) await line.hangUp();
  };
  return {
    listen: async () => {
      if (closed) throw new BerthError("FAILED", "The store is closed.");
      const listener = {};
      line.listeners.add(listener);
      try {
        await options.persist(() => line.connectOrHeal());
      } catch (error) {
        await leave(listener);
        throw error;
      }
      return line.bell.listener(() => leave(listener));
    },
    close: async () => {
      closed = true;
      line.listeners.clear();
      await line.hangUp();
    },
  };
}

/** The connection, for as long as anybody listens. */
interface Line {
  readonly bell: Bell;
  readonly listeners: Set<object>;
  connectOrHeal(): Promise<void>;
  hangUp(): Promise<void>;
}

function makeLine(options: EarOptions): Line {
  const bell = makeBell();
  const listeners = new Set<object>();
  let link: Link | undefined;
  let opening: Promise<void> | undefined;
  const connect = (): Promise<void> => {
    if (link && !link.lost) return Promise.resolve();
    return (opening ??= open().finally(() => (opening = undefined)));
  };
  const open = async (): Promise<void> => {
    const made = await options.open((notice) => bell.ring(eventOf(notice)));
    await options.greet(made).catch((error: unknown) => {
      made.destroy();
      throw error;
    });
    // Everybody left meanwhile.
    if (listeners.size === 0) return made.end();
    link = made;
    const asking = setInterval(() => void made.query("select 1").catch(() => undefined), options.askMs).unref();
    void made.gone.then(() => {
      clearInterval(asking);
      return heal();
    });
    // Something may have been missed while there was none.
    bell.ring();
  };
  /** The listeners' own waiting times are the net meanwhile, so this keeps no process alive. */
  const heal = async (): Promise<void> => {
    for (let n = 0; listeners.size > 0; n++) {
      try {
        return await connect();
      } catch {
        await idle(Math.min(20 * 2 ** n, 2000) * (0.5 + options.random()));
      }
    }
  };
  const connectOrHeal = (): Promise<void> =>
    connect().catch((error: unknown) => {
      if (!options.optional || !isFull(error)) throw error;
      void heal();
    });
  const hangUp = async (): Promise<void> => {
    await opening?.catch(() => undefined);
    const old = link;
    link = undefined;
    await old?.end();
  };
  return { bell, listeners, connectOrHeal, hangUp };
}

function idle(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
