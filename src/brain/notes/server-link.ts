import type { Project } from "../../project.ts";
import { connect, type Connection, type ServerAddress } from "./server-connection.ts";
import { isUndone, reasonOf } from "./server-failure.ts";

/** One connection to a server at a time, made at the first call, and again after it was lost. */
export interface ServerLink {
  readonly place: string;
  /** How long a call may take. */
  readonly timeoutMs: number;
  /**
   * Calls a tool. Arguments that this server's tool does not have are left out.
   * @param repeat whether it may be done twice: then it is tried again when the connection was lost meanwhile
   * @throws BrainUnavailableError with `facts.reason`; after "lost" and "timed-out" it may have been done
   */
  call(tool: string, input: Readonly<Record<string, unknown>>, repeat: boolean): Promise<unknown>;
  /** Grows with every connection: what was learned over an older one may be wrong. */
  epoch(): number;
  close(): Promise<void>;
}

const TRIES = 4;
const FIRST_WAIT_MS = 100;

/** Opens nothing yet. The connection ends with the project's handle. */
export function serverLink(project: Pick<Project, "clock" | "signal">, address: ServerAddress): ServerLink {
  const { signal } = project;
  const line = oneLine(project, address);
  signal?.addEventListener("abort", () => void line.close(), { once: true });
  const call = async (tool: string, input: Readonly<Record<string, unknown>>, repeat: boolean): Promise<unknown> => {
    for (let first = true; ; first = false) {
      const connection = await line.connected();
      try {
        return await connection.ask(tool, input);
      } catch (error) {
        signal?.throwIfAborted();
        const reason = reasonOf(error);
        const again = isUndone(error) || (repeat && reason === "lost");
        if (connection.isOver() || isUndone(error) || (reason && ENDS.has(reason)))
          await line.drop(connection, reason === "timed-out");
        if (!again || !first) throw error;
      }
    }
  };
  return { place: address.place, timeoutMs: address.timeoutMs, call, epoch: line.epoch, close: line.close };
}

interface Line {
  readonly connected: () => Promise<Connection>;
  readonly drop: (connection: Connection, hangs: boolean) => Promise<void>;
  readonly epoch: () => number;
  readonly close: () => Promise<void>;
}

/** The connection that there is, or a new one. */
function oneLine({ clock, signal }: Pick<Project, "clock" | "signal">, address: ServerAddress): Line {
  let open: Connection | undefined;
  let making: Promise<Connection> | undefined;
  let epoch = 0;
  // Who could not be reached is tried once: others wait for the answer.
  let tries = TRIES;
  const make = async (): Promise<Connection> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const made = await connect(address, signal);
        tries = TRIES;
        epoch++;
        open = made;
        return made;
      } catch (error) {
        if (!passes(error) || attempt >= tries) {
          tries = 1;
          throw error;
        }
        await clock.sleep(FIRST_WAIT_MS * 2 ** attempt * (0.5 + clock.random()), signal);
      }
    }
  };
  const drop = async (connection: Connection, hangs: boolean): Promise<void> => {
    if (open === connection) open = undefined;
    await connection.leave(hangs);
  };
  const close = async (): Promise<void> => {
    const made = (await making?.catch(() => undefined)) ?? open;
    if (made) await drop(made, false);
  };
  const connected = async (): Promise<Connection> => {
    signal?.throwIfAborted();
    if (open && !open.isOver()) return open;
    // Calls that come together make one connection.
    making ??= make().finally(() => (making = undefined));
    const made = await making;
    signal?.throwIfAborted();
    return made;
  };
  return { connected, drop, epoch: () => epoch, close };
}

/** After these a connection is of no use. */
const ENDS: ReadonlySet<string> = new Set(["timed-out", "lost", "refused", "nonsense"]);

/** Whether what keeps a server from being connected may pass by itself in a moment. */
function passes(error: unknown): boolean {
  const reason = reasonOf(error);
  return reason === "refused" || reason === "lost" || reason === "failed";
}
