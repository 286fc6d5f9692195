import { expect, onTestFinished, test } from "vitest";
import { enterSession, leaveSession, tellTakenOver } from "../../src/coordination/agent/session.ts";
import type { Berth } from "../../src/open.ts";
import { runBerth } from "../cli/run-berth.ts";
import { faultProxy, type FaultProxy } from "../support/fault-proxy.ts";
import { testServer } from "../support/postgres.ts";
import { planned, sandbox, type Sandbox } from "../support/sandbox.ts";

const server = testServer();

interface At {
  readonly box: Sandbox;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly proxy: FaultProxy;
  readonly open: (signal?: AbortSignal) => Promise<Berth>;
}

/** A project whose live layer is behind a wire with faults. */
async function behindWire(): Promise<At> {
  const box = sandbox();
  const proxy = await faultProxy(server.port);
  onTestFinished(() => proxy.close());
  const url = await server.database();
  const env = { BERTH_DATABASE_URL: url.replace(String(server.port), String(proxy.port)) };
  const home = box.clone("home");
  await (await box.open(home)).init({});
  const open = (signal?: AbortSignal): Promise<Berth> =>
    box.open(home, "one", { env: { ...process.env, ...env }, ...(signal && { signal }) });
  return { box, home, env, proxy, open };
}

async function msOf<T>(work: Promise<T>): Promise<{ result: T; ms: number }> {
  const start = performance.now();
  return { result: await work, ms: performance.now() - start };
}

const claim = { agent: "one", session: "s", epoch: 1, place: "/x", paths: [] };

test("[INV-10] who only tells the live layer waits three seconds for it at most, and once", async () => {
  const { open, proxy } = await behindWire();
  const { project } = await open();
  proxy.weather = "black hole";
  const first = await msOf(enterSession(project, claim));
  expect(first.result).toEqual([expect.stringContaining("The live layer was not told of the claim: No answer from")]);
  expect(first.ms).toBeGreaterThan(2500);
  expect(first.ms).toBeLessThan(10_000);
  const second = await msOf(leaveSession(project, "one", "s"));
  expect(second.result).toHaveLength(1);
  expect(second.ms).toBeLessThan(2500);
  proxy.weather = "pass";
  await expect.poll(() => leaveSession(project, "one", "s"), { timeout: 20_000 }).toEqual([]);
});

test("[INV-10] a server that goes away under an open connection holds nobody up for longer, nor when the call ends", async () => {
  const { open, proxy } = await behindWire();
  const stop = new AbortController();
  const { project } = await open(stop.signal);
  expect(await enterSession(project, claim)).toEqual([]);
  proxy.weather = "black hole";
  const told = { from: "one", by: "two", session: "s", workspace: null, snapshot: null };
  const waiting = msOf(tellTakenOver(project, told));
  setTimeout(() => stop.abort(new Error("stopped by hand")), 300);
  const { result, ms } = await waiting;
  expect(result).toEqual(["one was not told of the take-over: stopped by hand"]);
  expect(ms).toBeLessThan(2500);
});

test("[INV-10] a claim stands without the live layer, with a warning, and the program ends", async () => {
  const { home, env, proxy, open } = await behindWire();
  const id = await planned(await open(), "Alone");
  const calm = await msOf(runBerth(["-C", home, "list"], { env }));
  proxy.weather = "black hole";
  const { result, ms } = await msOf(
    runBerth(["-C", home, "claim", id, "--json"], { env: { ...env, BERTH_AGENT: "one" } }),
  );
  expect(result.code, result.stderr).toBe(0);
  expect(JSON.parse(result.stdout)).toMatchObject({
    claim: { epoch: 1 },
    warnings: [expect.stringContaining("was not told of the claim")],
  });
  expect(ms).toBeLessThan(10_000 + 10 * calm.ms);
});
