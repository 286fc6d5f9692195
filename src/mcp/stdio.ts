import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { McpServer } from "@modelcontextprotocol/server";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { boundedLines } from "./bounded-lines.ts";
import { takeChair } from "./chair.ts";
import { senderOf } from "./sender.ts";
import { makeServer } from "./server.ts";
import { MOST_BYTES, type Serving, stopped } from "./serving.ts";
import { followAsked } from "./subscriptions.ts";
import { followUpdates } from "./updates.ts";

/**
 * Serves one agent on two pipes, in whichever revision of the protocol its client opens with, until the client goes or
 * the signal ends it. The agent is registered while that lasts, and leaves with it. [XCS-01] [XCS-02]
 */
export async function serveOnPipes(
  serving: Serving,
  pipes: { readonly input: Readable; readonly output: Writable },
): Promise<void> {
  const chair = takeChair(serving.folder, serving.opening, serving.complain);
  let connected: McpServer | undefined;
  const tell = (uri: string): void => {
    // Who has gone need not be told.
    connected?.server.sendResourceUpdated({ uri }).catch(() => undefined);
  };
  const named = (): string | undefined => connected?.server.getClientVersion()?.name;
  const updates = followUpdates(() => chair.seat({ client: named(), meta: undefined }), tell, serving.complain);
  const offer = (): McpServer => {
    connected = makeServer({
      version: serving.version,
      seatOf: (context) => chair.seat(senderOf(context, named())),
      anybody: () => chair.known(),
    });
    return connected;
  };
  const refuse = (id: string | number | null): void => {
    const error = { code: -32_600, message: `A message of more than ${MOST_BYTES} bytes is not read.` };
    pipes.output.write(`${JSON.stringify({ jsonrpc: "2.0", id, error })}\n`);
  };
  const input = pipes.input.pipe(boundedLines(MOST_BYTES, { line: (text) => followAsked(text, updates), refuse }));
  const transport = new StdioServerTransport(input, pipes.output, { maxBufferSize: 2 * MOST_BYTES });
  const ended = Promise.race([once(input, "end"), once(pipes.input, "close"), once(pipes.output, "close")]);
  const handle = serveStdio(offer, { transport, onerror: serving.complain });
  await Promise.race([ended, stopped(serving)]);
  updates.end();
  await handle.close();
  pipes.input.unpipe(input).pause();
  await chair.leave();
}
