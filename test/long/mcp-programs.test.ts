import { execFile } from "node:child_process";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { startHttp } from "../support/mcp.ts";
import { installNpm, type NpmProgram } from "../support/npm-program.ts";
import { planned, program } from "../support/sandbox.ts";
import { team } from "../support/session.ts";

const run = promisify(execFile);

// Programs of others, where they are asked for: they are not fetched for who runs the tests at his desk.
const asked = process.env["BERTH_TEST_MCP"] === "1" || Boolean(process.env["CI"]);
const left: NpmProgram = { why: "It is installed for BERTH_TEST_MCP=1 or CI." };

/** Each newer release is tried before it stands here: the first knows the older revision, the second the newer one. */
const SUITES = [
  ["0.1.16", "2025-11-25", []],
  ["0.2.0-alpha.12", "2026-07-28", ["--requirements", "2026-07-28"]],
] as const;
const INSPECTOR = "2.12.0";

async function install(name: string, version: string): Promise<NpmProgram> {
  const found = asked ? await installNpm(name, version) : left;
  console.log("dir" in found ? `${name} ${version}` : `${name} is left out. ${found.why}`);
  return found;
}

describe.each(SUITES)("the conformance suite %s", async (version, revision, args) => {
  const suite = await install("@modelcontextprotocol/conformance", version);
  test.skipIf(!("dir" in suite))(`[XCS-20] passes for what is offered in revision ${revision}`, async () => {
    const { home } = await team({ remote: false });
    const server = await startHttp(home);
    const url = await withToken(server.url, server.token);
    const baseline = join(import.meta.dirname, `../mcp/conformance-${revision}.yaml`);
    const own = join("dir" in suite ? suite.dir : "", "dist", "index.js");
    const words = [own, "server", "--url", url, "--expected-failures", baseline, ...args];
    const { stdout } = await run(process.execPath, words, { cwd: home, maxBuffer: 1 << 26 }).catch((error: unknown) => {
      throw new Error(String((error as { readonly stdout?: string }).stdout).slice(-4000), { cause: error });
    });
    console.log(stdout.slice(stdout.indexOf("=== SUMMARY")));
    expect(stdout).toMatch(/✓ tools-list/);
  });
});

describe("the inspector", async () => {
  const inspector = await install("@modelcontextprotocol/inspector", INSPECTOR);
  const own = join("dir" in inspector ? inspector.dir : "", "clients", "launcher", "build", "index.js");
  test.skipIf(!("dir" in inspector))("[XCS-20] its command line works on every tool and resource", async () => {
    const { home, berth } = await team({ remote: false });
    const id = await planned(berth, "Limit logins");
    const inspect = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
      // It starts servers with a cleaned environment, as clients do.
      const words = [own, "--cli", "-e", "BERTH_AGENT=otter", ...program, "mcp", "--method", ...args];
      const { stdout } = await run(process.execPath, words, { cwd: home });
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const call = async (tool: string, ...given: readonly string[]): Promise<unknown> => {
      const named = given.flatMap((one) => ["--tool-arg", one]);
      return inspect("tools/call", "--tool-name", tool, ...named);
    };
    const { tools } = (await inspect("tools/list")) as { readonly tools: readonly { readonly name: string }[] };
    const calls: Readonly<Record<string, readonly string[]>> = {
      status: ["about=sessions"],
      claim: [`session=${id}`],
      lock: ["action=check", 'paths=["src/a.txt"]'],
      shared_context: ["action=set", "key=plan", 'value="v1"'],
      progress: ["kind=todo", "text=Write the test"],
      session: ["operation=get"],
      notes: ["action=list"],
      save: ["path=src/a.txt"],
      help: ["topic=locks"],
      finish: ["how=release", `session=${id}`, "reason=lunch"],
    };
    expect(Object.keys(calls).toSorted()).toEqual(tools.map(({ name }) => name).toSorted());
    for (const [name, given] of Object.entries(calls).slice(0, -1))
      expect(await call(name, ...given), name).toMatchObject({ content: [{}], structuredContent: {} });
    const { resources } = (await inspect("resources/list")) as {
      readonly resources: readonly { readonly uri: string }[];
    };
    for (const uri of [...resources.map((one) => one.uri), "berth://shared/plan"])
      expect(await inspect("resources/read", "--uri", uri), uri).toMatchObject({ contents: [{ uri }] });
    expect(await call("finish", ...(calls["finish"] ?? []))).toMatchObject({ structuredContent: { session: { id } } });
    expect(await inspect("prompts/list")).toMatchObject({ prompts: [{}, {}, {}] });
  });
});

/** The suite sends no token: this stands between, and adds it. Host and Origin go through as they are. */
async function withToken(url: string, token: string): Promise<string> {
  const { port, pathname } = new URL(url);
  const between = createServer((from, to) => {
    const headers = { ...from.headers, authorization: `Bearer ${token}`, "berth-agent": "conformance" };
    const sent = request({ host: "127.0.0.1", port, path: from.url, method: from.method, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(to);
    });
    sent.on("error", () => to.destroy());
    to.on("close", () => sent.destroy());
    from.pipe(sent);
  });
  await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    between.closeAllConnections();
    between.close();
  });
  return `http://127.0.0.1:${(between.address() as AddressInfo).port}${pathname}`;
}
