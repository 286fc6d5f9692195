import type { Writable } from "node:stream";
import { messageOf } from "../../errors.ts";
import { type Command, defineCommand } from "../command.ts";
import { ended } from "../stream.ts";
import { plain } from "../text.ts";
import { programVersion } from "../version.ts";

export const command: Command = defineCommand({
  details: [
    "An MCP server on standard input and output, which an agent's client starts by itself: tools, resources and prompts for all that agents do here. " +
      "The agent is registered while its server runs, gives signs of life, and leaves when the client closes the input.",
  ],
  examples: [
    { says: "as a client starts it", line: "berth mcp" },
    { says: "for a client that gives its agents no names of their own", line: "berth mcp --agent reviewer" },
  ],
  run: async ({ folder, opening, terminal, signal, clearProgress }) => {
    const { serveOnPipes } = await import("../../mcp/stdio.ts");
    clearProgress();
    const complain = (error: unknown): void => void terminal.stderr.write(`berth mcp: ${plain(messageOf(error))}\n`);
    const serving = { folder: folder(), opening: { ...opening, progress: () => undefined }, signal, complain };
    const pipes = { input: terminal.stdin, output: terminal.stdout as Writable };
    await serveOnPipes({ ...serving, version: programVersion() }, pipes);
    return ended(signal);
  },
});
