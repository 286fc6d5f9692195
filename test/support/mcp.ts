import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
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

/** A server that agents reach by HTTP. */
export interface HttpServer {
  readonly url: string;
  readonly tokenFile: string;
  readonly token: string;
  readonly child: ChildProcess;
  /** Connects an agent. */
  readonly agent: (name: string | null, era?: Era, token?: string) => Promise<Pick<Agent, "client" | "call">>;
}

/** Starts `berth mcp --http` in a folder, at a port that is free. */
export async function startHttp(cwd: string): Promise<HttpServer> {
  const [command = "", ...before] = program;
  const args = [...before, "mcp", "--http", "0", "--json"];
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { url, tokenFile } = JSON.parse(line) as Pick<HttpServer, "url" | "tokenFile">;
  const token = readFileSync(tokenFile, "utf8").trim();
  const agent: HttpServer["agent"] = async (name, era = "modern", given = token) => {
    const headers = { authorization: `Bearer ${given}`, ...(name === null ? {} : { "berth-agent": name }) };
    const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
    const client = new Client({ name: "test-client", version: "1" }, negotiation(era));
    onTestFinished(() => client.close());
    await client.connect(transport);
    return { client, call: caller(client) };
  };
  return { url, tokenFile, token, child, agent };
}
