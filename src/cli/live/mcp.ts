import type { Writable } from "node:stream";
import { messageOf } from "../../errors.ts";
import { type Command, defineCommand } from "../command.ts";
import { ended } from "../stream.ts";
import { wholeNumber } from "./arguments.ts";
import { plain } from "../text.ts";
import { programVersion } from "../version.ts";

export const command: Command = defineCommand({
  options: {
    http: { type: "text", value: "PORT", summary: "Serve by HTTP on this machine, at a port; 0 for any that is free" },
  },
  details: [
    "An MCP server on standard input and output, which an agent's client starts by itself: tools, resources and prompts for all that agents do here. " +
      "The agent is registered while its server runs, gives signs of life, and leaves when the client closes the input.",
    "With --http it serves any number of agents on 127.0.0.1, until it is interrupted. It prints its address and the file that holds its token, which each request sends as " +
      "Authorization: Bearer TOKEN; an agent gives its name in the header Berth-Agent.",
  ],
  examples: [
    { says: "as a client starts it", line: "berth mcp" },
    { says: "for a client that gives its agents no names of their own", line: "berth mcp --agent reviewer" },
    { says: "for clients that come by HTTP", line: "berth mcp --http 7311" },
  ],
  run: async ({ options, folder, opening, terminal, signal, printLine, json, clearProgress }) => {
    clearProgress();
    const complain = (error: unknown): void => void terminal.stderr.write(`berth mcp: ${plain(messageOf(error))}\n`);
    const quiet = { ...opening, progress: () => undefined };
    const serving = { folder: folder(), opening: quiet, version: programVersion(), signal, complain };
    const port = wholeNumber(options.http, "--http");
    if (port === undefined) {
      const { serveOnPipes } = await import("../../mcp/stdio.ts");
      await serveOnPipes(serving, { input: terminal.stdin, output: terminal.stdout as Writable });
      return ended(signal);
    }
    const { serveOnPort } = await import("../../mcp/http.ts");
    await serveOnPort(serving, port, async ({ url, tokenFile }) => {
      if (json) await printLine({ url, tokenFile });
      else terminal.stdout.write(`${url}\n${plain(tokenFile)}\n`);
    });
    return ended(signal);
  },
});
