import { randomUUID } from "node:crypto";
import { type McpServer, WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import { makeServer, type Room } from "./server.ts";
import { MOST_BYTES } from "./serving.ts";

/** Conversations of the older revision, which begin with a handshake and have an id. */
export interface Conversations {
  answer(request: Request): Promise<Response>;
  /** Tells those that go on of a change. */
  tell(uri: string): void;
  end(): Promise<void>;
}

interface Conversation {
  readonly server: McpServer;
  readonly transport: WebStandardStreamableHTTPServerTransport;
}

/** Clients go without a word; of more than so many the one that was silent longest is given up. */
const MOST = 64;

export function openConversations(
  roomOf: (client: () => string | undefined) => Room,
  complain: (error: unknown) => void,
): Conversations {
  // In the order in which they were last heard.
  const open = new Map<string, Conversation>();
  const close = (id: string): void => {
    const known = open.get(id);
    open.delete(id);
    known?.server.close().catch(complain);
  };
  const begin = async (): Promise<Conversation> => {
    const server: McpServer = makeServer(roomOf(() => server.server.getClientVersion()?.name));
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize: MOST_BYTES,
      onsessioninitialized: (id) => {
        open.set(id, { server, transport });
        const [oldest] = open.keys();
        if (open.size > MOST && oldest !== undefined) close(oldest);
      },
      onsessionclosed: (id) => void open.delete(id),
    });
    await server.connect(transport);
    return { server, transport };
  };
  return {
    answer: async (request) => {
      const id = request.headers.get("mcp-session-id");
      if (id === null) return (await begin()).transport.handleRequest(request);
      const known = open.get(id);
      if (!known) return unknown();
      open.delete(id);
      open.set(id, known);
      return known.transport.handleRequest(request);
    },
    tell: (uri) => {
      // Who has gone need not be told.
      for (const { server } of open.values()) server.server.sendResourceUpdated({ uri }).catch(() => undefined);
    },
    end: async () => {
      await Promise.all([...open.values()].map(({ server }) => server.close().catch(complain)));
      open.clear();
    },
  };
}

/** A client that is told so begins anew. */
function unknown(): Response {
  const error = { code: -32_001, message: "There is no such conversation; begin one with initialize." };
  return Response.json({ jsonrpc: "2.0", id: null, error }, { status: 404 });
}
