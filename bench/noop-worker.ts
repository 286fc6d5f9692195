/** A server of one tool that does nothing: `noop-worker.ts` on its pipes, `noop-worker.ts http` by HTTP, which says its address. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import { answerWith, bodyOf, webRequest } from "../src/mcp/web.ts";

function noop(): McpServer {
  const server = new McpServer({ name: "noop", version: "1" });
  const inputSchema = z.object({ action: z.string(), paths: z.array(z.string()), hook: z.boolean() });
  server.registerTool("lock", { inputSchema }, () => ({ content: [{ type: "text", text: "" }] }));
  return server;
}

if (process.argv[2] === "http") {
  const handler = createMcpHandler(noop);
  const server = createServer((request, response) => {
    const run = async (): Promise<void> => {
      const body = (await bodyOf(request, 1 << 22)) ?? Buffer.alloc(0);
      await answerWith(response, await handler.fetch(webRequest(request, body, new AbortController().signal)));
    };
    run().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1", () =>
    console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` })),
  );
} else serveStdio(noop);
