import { chmodSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { expect, test } from "vitest";
import { type Era, startHttp } from "../support/mcp.ts";
import { planned, program } from "../support/sandbox.ts";
import { team } from "../support/session.ts";
import { runShell } from "../cli/run-berth.ts";

/** A request as it is written, with whatever headers: fetch sets some by itself. */
async function ask(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
): Promise<{ readonly status: number; readonly text: string }> {
  const sent = request(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "content-length": String(Buffer.byteLength(body)),
      ...headers,
    },
  });
  sent.on("error", () => undefined);
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response as AsyncIterable<Buffer>) text += chunk.toString();
  return { status: response.statusCode ?? 0, text };
}

test.each<Era>(["legacy", "modern"])(
  "[XCS-06] by HTTP, in the %s revision, agents are told apart by their names, and follow what the others do",
  async (era) => {
    const { home, berth } = await team({ remote: false });
    await planned(berth, "Limit logins");
    const server = await startHttp(home);
    const [otter, heron] = [await server.agent("otter", era), await server.agent("heron", era)];
    expect(otter.client.getNegotiatedProtocolVersion()).toBe(era === "modern" ? "2026-07-28" : "2025-11-25");
    expect((await otter.call("claim")).data).toMatchObject({ session: { agent: "otter" } });
    expect((await heron.call("claim")).data["error"]).toMatchObject({ code: "NOTHING_FITS" });
    expect((await otter.call("status")).data).toMatchObject({ agent: "otter", session: expect.any(String) });
    const told = new Set<string>();
    heron.client.setNotificationHandler("notifications/resources/updated", ({ params }) => void told.add(params.uri));
    const uri = "berth://locks";
    if (era === "modern") await heron.client.listen({ resourceSubscriptions: [uri] });
    else await heron.client.subscribeResource({ uri });
    let nth = 0;
    const change = async (): Promise<readonly string[]> => {
      await otter.call("lock", { paths: [`f${++nth}`] });
      return [...told];
    };
    await expect.poll(change).toEqual([uri]);
    expect((await heron.call("lock", { paths: ["f1"] })).data["error"]).toMatchObject({ code: "LOCK_HELD" });
    expect((await berth.agents({})).agents.map(({ id }) => id).toSorted()).toEqual(["heron", "otter"]);
    const ended = once(server.child, "exit");
    server.child.kill("SIGTERM");
    expect(await ended).toEqual([130, null]);
    expect((await berth.agents({})).agents).toEqual([]);
  },
);

test("other users' tokens, another origin, another host, and too much are refused before anything is read, and change nothing", async () => {
  const { home, berth } = await team({ remote: false });
  const { url, token, agent } = await startHttp(home);
  const own = { authorization: `Bearer ${token}` };
  const call = (name: string, input: object): string =>
    JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: input } });
  const write = call("shared_context", { action: "set", key: "a", value: 1 });
  for (const headers of [
    {},
    { authorization: `Bearer ${"0".repeat(64)}` },
    { authorization: token },
    { authorization: "" },
  ])
    expect(await ask(url, headers as Record<string, string>, write)).toMatchObject({ status: 401 });
  for (const origin of ["https://evil.example", "null", "http://127.0.0.1.evil.example", "file://"])
    expect(await ask(url, { ...own, origin }, write)).toMatchObject({ status: 403 });
  for (const host of ["evil.example", "127.0.0.1.evil.example:80", "10.0.0.1"])
    expect(await ask(url, { ...own, host }, write)).toMatchObject({ status: 403 });
  const big = call("shared_context", { action: "set", key: "a", value: "x".repeat(10_000_000) });
  expect(await ask(url, own, big)).toMatchObject({ status: 413 });
  expect((await ask(url, own, "{")).status).toBe(400);
  expect((await ask(url, { ...own, "content-type": "text/plain" }, write)).status).toBe(415);
  expect((await ask(url, { ...own, "mcp-session-id": "of-nobody" }, write)).status).toBe(404);
  expect((await ask(url.replace("/mcp", "/elsewhere"), own, write)).status).toBe(404);
  const unnamed = await agent("all");
  expect((await unnamed.call("status")).data["error"]).toMatchObject({ code: "INVALID" });
  expect((await berth.sharedGet()).version).toBe(0);
  // It goes on as if nothing had been.
  expect((await (await agent("otter")).call("help")).isError).toBe(false);
});

test("the token is in a file of its user alone; one that others could read is replaced, one of theirs is not followed", async () => {
  const { box, home } = await team({ remote: false });
  const { tokenFile, token, child } = await startHttp(home);
  expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
  const stop = once(child, "exit");
  child.kill("SIGTERM");
  await stop;
  expect((await startHttp(home)).token).toBe(token);
  chmodSync(tokenFile, 0o644);
  const third = await startHttp(home);
  expect(third.token).not.toBe(token);
  expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
  box.write(box.dir, { planted: "0".repeat(64) });
  rmSync(tokenFile);
  symlinkSync(`${box.dir}/planted`, tokenFile);
  const [node = "", berth = ""] = program;
  const refused = await runShell('"$@"', [node, berth, "mcp", "--http", "0"], { cwd: home });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("no token to trust");
  expect(readFileSync(`${box.dir}/planted`, "utf8")).toBe("0".repeat(64));
});
