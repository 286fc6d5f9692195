import type { Client } from "@modelcontextprotocol/client";
import { expect, test } from "vitest";
import { type Agent, type Era, startAgent } from "../support/mcp.ts";
import { planned } from "../support/sandbox.ts";
import { team } from "../support/session.ts";

async function read(client: Client, uri: string): Promise<string> {
  const { contents } = await client.readResource({ uri }, { cacheMode: "bypass" });
  const [first] = contents;
  return first && "text" in first ? first.text : "";
}

/** Subscribes as the client's revision has it. @returns what is told from now on */
async function follow(era: Era, { client }: Agent, uris: readonly string[]): Promise<Set<string>> {
  const told = new Set<string>();
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => void told.add(params.uri));
  if (era === "modern") await client.listen({ resourceSubscriptions: [...uris] });
  else for (const uri of uris) await client.subscribeResource({ uri });
  return told;
}

test.each<Era>(["legacy", "modern"])(
  "[XCS-08] [XCS-06] in the %s revision, who follows sessions, contexts, locks and keys is told of their changes by others",
  async (era) => {
    const { home, berth } = await team({ remote: false });
    const id = await planned(berth, "Limit logins");
    const [otter, heron] = [await startAgent(home, "otter", { era }), await startAgent(home, "heron", { era })];
    await heron.call("claim", { session: id });
    const context = `berth://context/${id}`;
    const uris = ["berth://sessions", `berth://session/${id}`, context, "berth://locks", "berth://shared/plan.api"];
    const told = await follow(era, otter, uris);
    // What is followed begins a moment after it is asked for.
    let nth = 0;
    const change = async (): Promise<readonly string[]> => {
      await heron.call("lock", { paths: [`f${++nth}`] });
      await heron.call("shared_context", { action: "set", key: "plan.api.owner", value: nth });
      await heron.call("shared_context", { action: "set", key: "elsewhere", value: nth });
      await heron.call("progress", { kind: "decision", text: `Decision ${nth}` });
      return [...told].toSorted();
    };
    await expect.poll(change).toEqual(["berth://locks", "berth://shared/plan.api", context].toSorted());
    await heron.call("finish", { how: "release", session: id, reason: "lunch" });
    await expect.poll(() => [...told].toSorted()).toEqual([...uris].toSorted());
    expect(JSON.parse(await read(otter.client, "berth://shared/plan.api"))).toMatchObject({ value: { owner: nth } });
  },
);

test("[CTX-15] what is offered can be listed, read and completed", async () => {
  const { home, berth } = await team({ remote: false });
  const id = await planned(berth, "Limit logins");
  // One without a workspace: the context of another session is not its own.
  const elsewhere = await planned(berth, "Worked elsewhere");
  const { client, call } = await startAgent(home, "otter", { era: "modern" });
  await call("claim", { session: "limit-logins" });
  await call("lock", { paths: ["src/a.txt"] });
  await call("shared_context", { action: "set", key: "plan.api", value: "v1" });
  const { resources } = await client.listResources();
  expect(resources.map(({ uri }) => uri)).toEqual(
    expect.arrayContaining(["berth://sessions", "berth://locks", "berth://shared", "berth://context"]),
  );
  expect(resources.map(({ uri }) => uri)).toContain(`berth://session/${id}`);
  for (const { uri } of resources) expect((await read(client, uri)).length, uri).toBeGreaterThan(10);
  expect(JSON.parse(await read(client, "berth://locks"))).toMatchObject({ locks: [{ path: "src/a.txt" }] });
  expect(JSON.parse(await read(client, "berth://shared/plan.api"))).toMatchObject({ value: "v1" });
  expect(await read(client, `berth://context/${id}`)).toContain("Limit logins");
  const { resourceTemplates } = await client.listResourceTemplates();
  expect(resourceTemplates).toHaveLength(3);
  const ref = { type: "ref/resource", uri: "berth://session/{id}" } as const;
  expect((await client.complete({ ref, argument: { name: "id", value: "limit" } })).completion.values).toEqual([id]);
  for (const uri of [
    "berth://session/2020-01-01-nothing",
    `berth://context/${elsewhere}`,
    "berth://nowhere",
    "berth://shared/a..b",
    "file:///etc/passwd",
  ])
    await expect(read(client, uri), uri).rejects.toThrow();
});

test("[CTX-15] [INV-9] prompts ask for a handoff, to go on, and to merge knowledge, and name what others wrote as such", async () => {
  const { home, berth } = await team({ remote: false });
  const id = await planned(berth, "Limit logins");
  const { client, call } = await startAgent(home, "otter");
  await call("claim");
  const { prompts } = await client.listPrompts();
  expect(prompts.map(({ name }) => name)).toEqual(["handoff", "resume", "merge_knowledge"]);
  const ref = { type: "ref/prompt", name: "resume" } as const;
  expect((await client.complete({ ref, argument: { name: "session", value: "lim" } })).completion.values).toEqual([id]);
  for (const { name } of prompts) {
    const { messages } = await client.getPrompt({ name, arguments: {} });
    const [{ content } = { content: { type: "text", text: "" } }] = messages;
    const text = content.type === "text" ? content.text : "";
    expect(text).toMatch(/^<<< [^\n]*as others wrote it:\n[^]*Limit logins[^]*\n>>>\n\n/);
  }
});
