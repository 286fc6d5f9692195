import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { VERBS } from "../../src/cli/registry.ts";
import { parseYaml } from "../../src/document/yaml.ts";
import { AGENT_CLIENTS } from "../../src/setup/agents/entries.ts";
import { withEntries } from "../../src/setup/agents/json-entries.ts";
import { AGENTS_SECTION } from "../../src/setup/agents/text-block.ts";

const ROOT = join(import.meta.dirname, "../..");
const PLUGIN = join(ROOT, "plugins/berth");
const read = (...path: string[]): string => readFileSync(join(...path), "utf8");
const json = (...path: string[]): unknown => JSON.parse(read(...path));

/** The files of the plugin that are what `init --agent claude` writes, under their names there. */
const SAME = { ".claude/settings.json": "hooks/hooks.json", ".mcp.json": ".mcp.json" };

test("[ASP-28] the plugin for Claude Code has the hooks and the server that init writes", () => {
  for (const file of AGENT_CLIENTS.claude.files) {
    if (file.kind !== "json") throw new Error("there is no such file");
    const { text } = withEntries(file, file.path, null);
    const name = SAME[file.path as keyof typeof SAME];
    if (process.env["UPDATE"] === "1") writeFileSync(join(PLUGIN, name), text);
    expect(json(PLUGIN, name), name).toEqual(JSON.parse(text));
  }
});

test("[ASP-28] the plugin and its marketplace are of this version, and the skill says when it is of use", () => {
  const { version, license } = json(ROOT, "package.json") as { readonly version: string; readonly license: string };
  expect(json(PLUGIN, ".claude-plugin/plugin.json")).toMatchObject({ name: "berth", version, license });
  const market = json(ROOT, ".claude-plugin/marketplace.json") as { plugins: { name: string; source: string }[] };
  expect(market).toMatchObject({ name: "berth", owner: { name: expect.any(String) as string } });
  expect(market.plugins.map(({ name, source }) => [name, join(ROOT, source)])).toEqual([["berth", PLUGIN]]);
  const [, front = ""] = read(PLUGIN, "skills/berth/SKILL.md").split(/^---\n/m);
  expect(parseYaml(front, "SKILL.md")).toMatchObject({ name: "berth", description: expect.stringContaining("Use it") });
});

test("[ASP-28] every verb that the skill and the section of AGENTS.md name is there", () => {
  const known = new Set(VERBS.map(({ name }) => name.split(" ")[0]));
  const text = read(PLUGIN, "skills/berth/SKILL.md") + AGENTS_SECTION.block;
  const named = [...text.matchAll(/`berth ([a-z]+)/g)].map(([, verb]) => verb ?? "");
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((verb) => !known.has(verb) && verb !== "help")).toEqual([]);
});
