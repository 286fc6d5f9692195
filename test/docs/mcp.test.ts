import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startAgent } from "../support/mcp.ts";
import { planned } from "../support/sandbox.ts";
import { team } from "../support/session.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/mcp.md"), "utf8");

/** What differs from run to run. */
function plain(text: string, home: string): string {
  return text
    .replaceAll(home, "/repo")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "TIME")
    .replaceAll(/\d{4}-\d\d-\d\d-/g, "DAY-")
    .replaceAll(/\b[0-9a-f]{10,40}\b/g, "COMMIT")
    .replaceAll(/fence \d+/g, "fence N")
    .trim();
}

test("[XCS-20] the page on MCP shows what its calls answer", async () => {
  const block = /```mcp\n([^]*?)```/.exec(PAGE)?.[1] ?? "";
  const { home, berth } = await team({ remote: false });
  await planned(berth, "Limit logins");
  const { call } = await startAgent(home, "otter");
  const shown = block.split(/^> /m).slice(1);
  expect(shown.length).toBeGreaterThan(4);
  for (const part of shown) {
    const [, name = "", input = "{}", answer = ""] = /^(\w+) (\{.*\})\n([^]*)$/.exec(part) ?? [];
    const { text } = await call(name, JSON.parse(input) as object);
    expect(plain(text, home), part).toBe(plain(answer, home));
  }
});

test("[XCS-20] the page on MCP names every tool", async () => {
  const { home } = await team({ remote: false });
  const { client } = await startAgent(home, "otter");
  for (const { name } of (await client.listTools()).tools) expect(PAGE).toContain(`| \`${name}\` |`);
});
