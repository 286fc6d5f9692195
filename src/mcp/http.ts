import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  isLegacyRequest,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { BerthError, messageOf } from "../errors.ts";
import { openConversations } from "./conversations.ts";
import { closeSeat, openSeat } from "./seat.ts";
import { senderOf } from "./sender.ts";
import { makeServer, type Room } from "./server.ts";
import { MOST_BYTES, type Serving, stopped } from "./serving.ts";
import { followAsked } from "./subscriptions.ts";
import { bears, tokenIn } from "./token-file.ts";
import { followUpdates } from "./updates.ts";
import { receiveVisitors, visitorName } from "./visitors.ts";
import { answerWith, bodyOf, webRequest } from "./web.ts";

/** Where a server listens. */
export interface Address {
  readonly url: string;
  readonly tokenFile: string;
}

const PATH = "/mcp";

/**
 * Serves agents by streamable HTTP on this machine alone, in both revisions of the protocol. Each request carries the
 * token from a file in git's common directory that its user alone can read, and is for this host and from no other
 * origin; an agent says its name in the header Berth-Agent. It
 * ends with the signal, and every agent that came leaves with it.
 * @param port 0 for any that is free
 * @param ready is told where, once it listens
 */
export async function serveOnPort(
  serving: Serving,
  port: number,
  ready: (address: Address) => Promise<unknown>,
): Promise<void> {
  const { folder, opening, version, complain } = serving;
  const reader = await openSeat(folder, opening);
  const tokenFile = join(reader.home.project.repository.commonDir, "berth", "mcp-token");
  const token = await tokenIn(tokenFile);
  const visitors = receiveVisitors(folder, opening, complain);
  const nameFor = (context: ServerContext, client: string | undefined): string =>
    visitorName(context.http?.req?.headers.get("berth-agent") ?? null, senderOf(context, client));
  const roomOf = (client: () => string | undefined): Room => ({
    version,
    seatOf: async (context) => visitors.seat(nameFor(context, client())),
    anybody: () => Promise.resolve(reader),
  });
  const modern = createMcpHandler(() => makeServer(roomOf(() => undefined)), {
    legacy: "reject",
    maxRequestBodySize: MOST_BYTES,
    onerror: complain,
  });
  const conversations = openConversations(roomOf, complain);
  const tell = (uri: string): void => {
    modern.notify.resourceUpdated(uri);
    conversations.tell(uri);
  };
  const updates = followUpdates(() => Promise.resolve(reader), tell, complain);
  const answer = async (request: Request, body: Buffer): Promise<Response> => {
    followAsked(body, updates);
    return (await isLegacyRequest(request)) ? conversations.answer(request) : modern.fetch(request);
  };
  const server = createServer((request, response) => {
    handle(request, response, token, answer).catch((error: unknown) => {
      complain(error);
      response.destroy();
    });
  });
  await listen(server, port);
  const closed = once(server, "close");
  await ready({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`, tokenFile });
  await stopped(serving);
  updates.end();
  server.close();
  await modern.close();
  await conversations.end();
  server.closeAllConnections();
  await closed;
  await visitors.end();
  closeSeat(reader);
}

async function listen(server: Server, port: number): Promise<void> {
  const listening = once(server, "listening");
  server.listen(port, "127.0.0.1");
  try {
    await listening;
  } catch (error) {
    throw new BerthError("FAILED", `The port ${port} cannot be used: ${messageOf(error)}.`, {
      hint: "Take another one, or any that is free: berth mcp --http 0",
    });
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  answer: (request: Request, body: Buffer) => Promise<Response>,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const head = webRequest(request, Buffer.alloc(0), gone.signal);
  const refused = refusal(head, token);
  if (refused) return answerWith(response, refused);
  const body = await bodyOf(request, MOST_BYTES);
  if (body === null) return answerWith(response, said(413, `A message of more than ${MOST_BYTES} bytes is not read.`));
  return answerWith(response, await answer(webRequest(request, body, gone.signal), body));
}

/** Who may ask at all: decided before anything of a request is read. */
function refusal(head: Request, token: string): Response | null {
  const elsewhere =
    hostHeaderValidationResponse(head, localhostAllowedHostnames()) ??
    originValidationResponse(head, localhostAllowedOrigins());
  if (elsewhere) return elsewhere;
  if (!bears(head.headers.get("authorization"), token)) {
    const refused = said(401, "The token is missing or wrong; it stands in a file that berth mcp --http names.");
    refused.headers.set("www-authenticate", "Bearer");
    return refused;
  }
  return new URL(head.url).pathname === PATH ? null : said(404, `There is only ${PATH}.`);
}

function said(status: number, message: string): Response {
  return Response.json({ jsonrpc: "2.0", id: null, error: { code: -32_600, message } }, { status });
}
