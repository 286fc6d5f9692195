/** A server of notes: `notes-server-worker.ts FOLDER` on its pipes, `… FOLDER PORT` by HTTP, which says its port. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { existsSync } from "node:fs";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { modeOf, notesServer } from "./notes-server-tools.ts";

const [, , home = ".", port] = process.argv;
const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const answer = await answerTo(
    new Request(`http://127.0.0.1${request.url ?? "/"}`, {
      method: request.method ?? "GET",
      headers: Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    }),
  );
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  for await (const chunk of answer.body ?? []) response.write(chunk);
  response.end();
}

async function answerTo(request: Request): Promise<Response> {
  const token = process.env["NOTES_TOKEN"];
  if (token && request.headers.get("authorization") !== `Bearer ${token}`) return new Response("", { status: 401 });
  const id = request.headers.get("mcp-session-id");
  const known = id === null ? await open() : sessions.get(id);
  return known ? known.handleRequest(request) : new Response("No such session", { status: 404 });
}

async function open(): Promise<WebStandardStreamableHTTPServerTransport> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  await notesServer(home).connect(transport);
  return transport;
}

if (port === undefined) {
  if (modeOf(home) === "exit-before" && existsSync(join(home, "at-start"))) {
    console.error("the database cannot be opened");
    process.exit(1);
  }
  // A line that is no message, as a program that prints to its output by mistake.
  if (existsSync(join(home, "garbage"))) console.log("Welcome to the notes!");
  if (!existsSync(join(home, "silent"))) serveStdio(() => notesServer(home));
  else process.stdin.resume();
} else {
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(Number(port), "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
}
