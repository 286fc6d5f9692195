import { connect, type Socket } from "node:net";
import postgres from "postgres";
import { messageOf } from "../errors.ts";
import { ConnectionLost, isLost } from "./postgres-errors.ts";
import { withLiterals } from "./postgres-literals.ts";
import type { Value } from "./store.ts";

/** One connection to the server, from its first breath to its last: it is never mended, another takes its place. */
export interface Link {
  /**
   * @param sql one statement or several, of which the last one's answer is given
   * @throws ConnectionLost when no answer came
   */
  query<Row extends object>(sql: string, values?: readonly Value[]): Promise<Answer<Row>>;
  /**
   * As {@link Link.query}, of statements whose values are in their texts: one message to the server, and one back.
   * @returns the answer of each; the driver takes one that gives no rows together with those of that kind after it
   */
  queries(texts: readonly string[]): Promise<readonly Answer<object>[]>;
  readonly lost: boolean;
  /** Resolves when it is lost or ended. */
  readonly gone: Promise<void>;
  /** Ends it at once, without a word to the server. */
  destroy(): void;
  end(): Promise<void>;
}

export interface Answer<Row> {
  readonly rows: Row[];
  /** How many rows were changed or read. */
  readonly count: number;
  /** What the server says it did: `COMMIT` is `ROLLBACK` after a failed statement. */
  readonly command: string;
}

export interface LinkOptions {
  readonly url: string;
  /** How long one answer may take before the connection counts as lost. */
  readonly answerMs: number;
  readonly onNotify?: (channel: string, payload: string) => void;
  /** Ends the attempt to connect. */
  readonly signal?: AbortSignal | undefined;
}

const [BOOL, INT8, NUMERIC] = [16, 20, 1700];

/** How long others wait for the turn of one who says nothing; within a transaction nobody has to think. */
const SILENT_MS = 2500;

/** How long a connection that is ended may take to answer what was asked before. */
const END_MS = 1000;

/** Connects, and makes the session's settings. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const link = makeLink(options);
  const { answerMs, signal } = options;
  try {
    // A client that has gone silent must not hold its locks until the server's system notices.
    await cutBy(link, signal, () =>
      link.query(
        `select set_config('standard_conforming_strings', 'on', false), set_config('search_path', 'berth', false), set_config('statement_timeout', $1, false),
       set_config('lock_timeout', $2, false), set_config('idle_in_transaction_session_timeout', $3, false),
       set_config('tcp_keepalives_idle', '60', false), set_config('synchronous_commit',
         case current_setting('synchronous_commit') when 'off' then 'on' else current_setting('synchronous_commit') end,
         false)`,
        [answerMs, Math.ceil(answerMs * 0.8), Math.ceil(Math.min(answerMs / 2, SILENT_MS))].map((ms) => `${ms}ms`),
      ),
    );
    return link;
  } catch (error) {
    link.destroy();
    throw error;
  }
}

/** Runs work on a connection that a signal cuts off meanwhile: what was asked then fails as on a lost one. */
export async function cutBy<T>(link: Link, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  const cut = (): void => link.destroy();
  signal?.addEventListener("abort", cut);
  try {
    return await work();
  } finally {
    signal?.removeEventListener("abort", cut);
  }
}

function makeLink(options: LinkOptions): Link {
  const { answerMs } = options;
  const wire = makeWire();
  const end = Promise.withResolvers<void>();
  const asking = new Set<(error: Error) => void>();
  let lost = false;
  const lose = (): void => {
    lost = true;
    for (const fail of asking) fail(new ConnectionLost("the connection was closed"));
    end.resolve();
  };
  const sql = makeDriver(options, (at) => wire.open(at), lose);
  const destroy = (): void => {
    lose();
    wire.destroy();
    void sql.end({ timeout: 0 });
  };
  const queries = async (texts: readonly string[]): Promise<readonly Answer<never>[]> => {
    if (lost) throw new ConnectionLost("the connection was closed");
    const stop = Promise.withResolvers<never>();
    const timer = setTimeout(() => stop.reject(new ConnectionLost(`no answer for ${answerMs} ms`)), answerMs);
    if (asking.size === 0) wire.hold(true);
    asking.add(stop.reject);
    try {
      return answersIn(await Promise.race([sql.unsafe(texts.join("; ")), stop.promise]));
    } catch (error) {
      if (!isLost(error)) throw error;
      destroy();
      throw error instanceof ConnectionLost ? error : new ConnectionLost(messageOf(error), { cause: error });
    } finally {
      clearTimeout(timer);
      asking.delete(stop.reject);
      // An idle connection keeps no process alive.
      if (asking.size === 0) wire.hold(false);
    }
  };
  return {
    get lost() {
      return lost;
    },
    gone: end.promise,
    destroy,
    queries,
    query: async (text, values = []) => {
      const answer = (await queries([withLiterals(text, values)])).at(-1);
      if (!answer) throw new Error("The server answered nothing.");
      return answer;
    },
    end: async () => {
      // The driver does not end a connection that has yet to answer: it would wait for the whole of its time.
      if (asking.size > 0) await Promise.race([queries(["select 1"]).catch(() => undefined), pause(END_MS)]);
      lose();
      await sql.end({ timeout: END_MS / 1000 });
      wire.destroy();
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** Several statements in one message have an answer each. */
function answersIn(answer: postgres.RowList<postgres.Row[]>): Answer<never>[] {
  const answers = "command" in answer ? [answer] : (answer as unknown as (typeof answer)[]);
  return answers.map((rows) => ({ rows: [...rows] as never[], count: rows.count, command: rows.command }));
}

function makeDriver(options: LinkOptions, open: (at: At) => Promise<Socket>, onclose: () => void): postgres.Sql {
  const number = { to: INT8, from: [INT8, NUMERIC], serialize: String, parse: Number };
  // Truth is 0 or 1, on every engine.
  const truth = { to: BOOL, from: [BOOL], serialize: String, parse: (text: string) => (text === "t" ? 1 : 0) };
  const { onNotify } = options;
  const settings = {
    max: 1,
    max_lifetime: null,
    // The driver's own waits are longer than ours, or would keep the process alive.
    connect_timeout: 0,
    fetch_types: false,
    onnotice: () => undefined,
    ...(onNotify && { onnotify: onNotify }),
    onclose,
    types: { number, truth },
    connection: { application_name: "berth" },
    // Known to the driver and not to its types: sockets of our own, because only these can be cut off at once.
    socket: open,
  };
  return postgres(options.url, settings);
}

/** Where the driver found the server to be. */
interface At {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path: string | false | undefined;
}

interface Wire {
  open(at: At): Promise<Socket>;
  /** Whether the connection keeps the process alive. */
  hold(held: boolean): void;
  destroy(): void;
}

function makeWire(): Wire {
  let socket: Socket | undefined;
  let used = false;
  return {
    open: async ({ host, port, path }) => {
      // The driver would connect again and again by itself, without telling.
      if (used) throw new ConnectionLost("the connection was closed while it was made");
      used = true;
      if (path) return (socket = await connected(connect(path), (made) => (socket = made)));
      let failure: unknown;
      for (const [i, name] of host.entries()) {
        const made = connect(port[i] ?? port[0] ?? 5432, name);
        made.setNoDelay(true);
        try {
          return await connected(Object.assign(made, { host: name }), (it) => (socket = it));
        } catch (error) {
          failure = error;
        }
      }
      throw failure as Error;
    },
    hold: (held) => void (held ? socket?.ref() : socket?.unref()),
    destroy: () => socket?.destroy(),
  };
}

function connected(socket: Socket, tell: (socket: Socket) => void): Promise<Socket> {
  tell(socket);
  return new Promise((resolve, reject) => {
    const end = (): void => {
      socket.removeListener("error", fail);
      socket.removeListener("close", fail);
    };
    const fail = (error: unknown): void => {
      end();
      reject(error instanceof Error ? error : new ConnectionLost("the connection was closed while it was made"));
    };
    socket.once("error", fail).once("close", fail);
    socket.once("connect", () => {
      end();
      resolve(socket);
    });
  });
}
