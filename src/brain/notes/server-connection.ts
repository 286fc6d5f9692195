import {
  type CallToolResult,
  Client,
  type ClientOptions,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { failureOf, reasonOf, unavailable } from "./server-failure.ts";
import { type ServerProcess, serverProcess } from "./server-process.ts";

/** How a server is reached, and by whom. */
export interface ServerAddress {
  /** The command or the URL, for people. */
  readonly place: string;
  /** Program and arguments of a server on pipes; empty: `url` counts. */
  readonly command: readonly string[];
  readonly url: string;
  readonly token: string | undefined;
  readonly timeoutMs: number;
  /** Where a server's process is started, and with which environment. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
}

/** An open connection to a server of notes. */
export interface Connection {
  /** @throws BrainUnavailableError */
  ask(tool: string, input: Readonly<Record<string, unknown>>): Promise<unknown>;
  isOver(): boolean;
  /** @param hangs it hears nothing any more: what was started here is ended at once */
  leave(hangs: boolean): Promise<void>;
}

/** A program takes longer to start than a server to answer. */
const START_FACTOR = 3;
/** So long a server may take to hear that nobody speaks to it any more. */
const LEAVE_MS = 1000;

/** What the tools must be called. */
const NEEDED = ["write_note", "read_note", "delete_note", "list_directory", "list_memory_projects"];

/** What comes is checked where it is used: a server's own description of it proves nothing. */
const trusting: NonNullable<ClientOptions["jsonSchemaValidator"]> = {
  getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
};

/** Connects, and looks which tools there are. @throws BrainUnavailableError */
export async function connect(address: ServerAddress, signal?: AbortSignal): Promise<Connection> {
  const { place, timeoutMs } = address;
  const deadline = timeoutMs * (address.command.length > 0 ? START_FACTOR : 1);
  const child = address.command.length > 0 ? serverProcess(address.command, address) : null;
  const transport = child ?? webTransport(address);
  const client = new Client({ name: "berth", version: "1" }, { jsonSchemaValidator: trusting });
  let over = false;
  let garbage: string | null = null;
  Object.assign(client, {
    onclose: () => (over = true),
    onerror: ({ message }: Error) => {
      if (child) garbage = message;
      // An answer that breaks off never comes: who waits for it is told now.
      else if (message.startsWith("SSE stream disconnected")) void client.close();
    },
  });
  const leave = async (hangs: boolean): Promise<void> => {
    over = true;
    if (hangs) child?.kill();
    if (!child && !hangs && transport instanceof StreamableHTTPClientTransport)
      await inTime(transport.terminateSession(), LEAVE_MS).catch(() => undefined);
    await client.close().catch(() => undefined);
    // The library closes what it has heard of: a process that never spoke is still there.
    await child?.close();
  };
  const tried = async <T>(work: Promise<T>, ms: number): Promise<T> => {
    try {
      return await inTime(work, ms);
    } catch (error) {
      throw failureOf(error, place, garbage, child?.lastWords() ?? "");
    }
  };
  const tools = await tried(handshake(client, transport, deadline, signal), deadline).catch(async (error: unknown) => {
    await leave(true);
    const words = child?.lastWords().split("\n").at(-1)?.slice(0, 300) ?? "";
    if (!child || reasonOf(error) !== "lost") throw error;
    throw unavailable("not-started", `The notes' server (${place}) ended at its start${words && `: ${words}`}.`, {
      place,
      cause: error,
    });
  });
  const missing = NEEDED.filter((name) => !tools.has(name));
  if (missing.length > 0) {
    await leave(false);
    throw toolMissing(place, missing);
  }
  return {
    leave,
    isOver: () => over,
    ask: async (tool, input) => {
      const takes = tools.get(tool);
      if (!takes) throw toolMissing(place, [tool]);
      garbage = null;
      const given = Object.fromEntries(Object.entries(input).filter(([name]) => takes.has(name)));
      const call = client.callTool({ name: tool, arguments: given }, { timeout: timeoutMs });
      return answerOf(await tried(call, timeoutMs), tool, place);
    },
  };
}

function webTransport({ url, token }: ServerAddress): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(new URL(url), {
    requestInit: token ? { headers: { Authorization: `Bearer ${token}` } } : {},
    // Whoever asks connects anew: a stream that is taken up again would hide that the server was lost.
    reconnectionOptions: {
      maxRetries: 0,
      initialReconnectionDelay: 1000,
      maxReconnectionDelay: 1000,
      reconnectionDelayGrowFactor: 1,
    },
  });
}

/** The arguments of each tool there is. */
async function handshake(
  client: Client,
  transport: ServerProcess | StreamableHTTPClientTransport,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const options = { timeout, ...(signal && { signal }) };
  await client.connect(transport, options);
  const { tools } = await client.listTools(undefined, options);
  return new Map(tools.map(({ name, inputSchema }) => [name, new Set(Object.keys(inputSchema.properties ?? {}))]));
}

/** What a tool answered: data, where it is JSON, or else the text. */
function answerOf(result: unknown, tool: string, place: string): unknown {
  const { content, isError, structuredContent } = result as CallToolResult;
  const [first] = Array.isArray(content) ? content : [];
  const text = first?.type === "text" ? first.text : "";
  if (isError) {
    if (/^unknown tool\b|^tool \S+ (?:is )?(?:not found|disabled)/i.test(text)) throw toolMissing(place, [tool]);
    throw unavailable("failed", `${tool} failed on the notes' server (${place}): ${text.slice(0, 400)}`, { place });
  }
  const data = (structuredContent as { readonly result?: unknown } | undefined)?.result;
  if (data !== undefined) return data;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function toolMissing(place: string, names: readonly string[]): Error {
  return unavailable("tool-missing", `The notes' server (${place}) has no ${names.join(", no ")}.`, { place });
}

/** For what the library gives no deadline. */
async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new DOMException("It did not answer.", "TimeoutError")), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
