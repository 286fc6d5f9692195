import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { projectAt } from "./live/project.ts";
import { type Row, timed } from "./row.ts";
import type { Stage } from "./stage.ts";

const ROUNDS = 400;
/** What others hold meanwhile, none of it what is asked for. */
const HELD = 20;

const noop = [process.execPath, join(import.meta.dirname, "noop-worker.ts")];

/** A hook's question before an edit, whether somebody has locked the file, beside a tool that does nothing. */
export async function mcpRow(stage: Stage, quick: boolean): Promise<Row[]> {
  const { berth, at } = await projectAt(stage);
  await berth.lock({ paths: Array.from({ length: HELD }, (_, n) => `held/${n}.ts`), agent: "other" });
  berth.close();
  const input = { action: "check", paths: [join(at.dir, "src", "main.ts")], hook: true };
  const rounds = quick ? 40 : ROUNDS;
  const row = { id: "mcp", floorName: "a tool that does nothing", bar: 2 };
  const env = { ...stage.env, BERTH_AGENT: "bench" };
  const rows: Row[] = [];
  const piped = [await onPipes([...stage.program, "mcp"], at.dir, env), await onPipes(noop, at.dir, env)] as const;
  rows.push(timed({ ...row, title: "lock check, MCP on pipes" }, ...(await apart(piped, input, rounds))));
  const served = [
    await byHttp([...stage.program, "mcp", "--http", "0", "--json"], at.dir, env),
    await byHttp([...noop, "http"], at.dir, env),
  ] as const;
  rows.push(timed({ ...row, title: "lock check, MCP by HTTP" }, ...(await apart(served, input, rounds))));
  return rows;
}

/** A server with a client at it. */
interface Connected {
  readonly client: Client;
  readonly end: () => Promise<void>;
}

async function onPipes(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Connected> {
  const [command = "", ...args] = words;
  const transport = new StdioClientTransport({ command, args, cwd, env, stderr: "ignore" });
  const client = await connected(transport);
  return { client, end: () => client.close() };
}

async function byHttp(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Connected> {
  const [command = "", ...args] = words;
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "ignore"] });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { url, tokenFile } = JSON.parse(line) as { readonly url: string; readonly tokenFile?: string };
  const token = tokenFile === undefined ? "none" : readFileSync(tokenFile, "utf8").trim();
  const headers = { authorization: `Bearer ${token}`, "berth-agent": "bench" };
  const client = await connected(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  const end = async (): Promise<void> => {
    await client.close();
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  return { client, end };
}

async function connected(transport: Transport): Promise<Client> {
  const client = new Client({ name: "bench", version: "1" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(transport);
  return client;
}

/** One after the other, so that both meet the same machine. */
async function apart(
  [ours, floor]: readonly [Connected, Connected],
  input: Readonly<Record<string, unknown>>,
  rounds: number,
): Promise<[number[], number[]]> {
  const times: [number[], number[]] = [[], []];
  const call = async ({ client }: Connected): Promise<number> => {
    const start = performance.now();
    const { isError } = await client.callTool({ name: "lock", arguments: { ...input } });
    if (isError === true) throw new Error("a check was refused");
    return performance.now() - start;
  };
  for (let round = -20; round < rounds; round++) {
    const took = [await call(ours), await call(floor)] as const;
    if (round < 0) continue;
    times[0].push(took[0]);
    times[1].push(took[1]);
  }
  await ours.end();
  await floor.end();
  return times;
}
