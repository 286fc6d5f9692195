import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { onTestFinished } from "vitest";
import { program } from "./sandbox.ts";

/** What a tool answered. */
export interface Said {
  readonly isError: boolean;
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An agent's client with a server of its own, in a process of its own. */
export interface Agent {
  readonly client: Client;
  readonly pid: number;
  /** What the server wrote beside its answers. */
  readonly stderr: () => string;
  readonly call: (name: string, input?: object, options?: Parameters<Client["callTool"]>[1]) => Promise<Said>;
  /** Closes the server's input, as a client does that ends. */
  readonly close: () => Promise<void>;
}

/** Which revisions of the protocol a client offers. */
export type Era = "legacy" | "modern";

/** Starts `berth mcp` in a folder, as a client does, and connects to it. */
export async function startAgent(
  cwd: string,
  name: string | null,
  options: {
    readonly era?: Era;
    readonly env?: Readonly<Record<string, string>>;
    readonly args?: readonly string[];
  } = {},
): Promise<Agent> {
  const [command = "", ...before] = program;
  const { BERTH_AGENT: _inherited, ...outer } = process.env;
  const env = { ...outer, ...(name === null ? {} : { BERTH_AGENT: name }), ...options.env } as Record<string, string>;
  const args = [...before, "mcp", ...(options.args ?? [])];
  const transport = new StdioClientTransport({ command, args, cwd, env, stderr: "pipe" });
  let stderr = "";
  transport.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const client = new Client({ name: "test-client", version: "1" }, negotiation(options.era ?? "legacy"));
  onTestFinished(() => client.close());
  await client.connect(transport);
  const pid = transport.pid ?? 0;
  return { client, pid, stderr: () => stderr, call: caller(client), close: () => client.close() };
}

function negotiation(era: Era): ConstructorParameters<typeof Client>[1] {
  return era === "legacy" ? {} : { versionNegotiation: { mode: "auto" } };
}

function caller(client: Client): Agent["call"] {
  return async (name, input = {}, options = {}) => {
    const result = await client.callTool({ name, arguments: { ...input } }, options);
    const [first] = result.content;
    return {
      isError: result.isError === true,
      text: first?.type === "text" ? first.text : "",
      data: (result.structuredContent ?? {}) as Record<string, unknown>,
    };
  };
}
