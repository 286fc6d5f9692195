import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseConfig, settingsSchema } from "../../src/config.ts";
import { BerthError } from "../../src/errors.ts";

const file = join(import.meta.dirname, "..", "..", "assets", "config.schema.json");

test("the published schema of .berth/config.yaml is the one that settings are checked with", () => {
  const text = `${JSON.stringify(settingsSchema(), null, 2)}\n`;
  if (process.env["UPDATE"] === "1") writeFileSync(file, text);
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("wrong settings are all named at once, with key and expectation", () => {
  const wrong = { base: "-x", ledger: { path: "/etc", visible: -1 }, typo: 1 };
  let caught: unknown;
  try {
    parseConfig(wrong, "config.yaml");
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(BerthError);
  const { message } = caught as BerthError;
  for (const key of ["base", "ledger.path", "ledger.visible", "typo"]) expect(message).toContain(key);
});

test("every setting has a default", () => {
  expect(parseConfig(null, "config.yaml")).toMatchObject({
    base: "main",
    ledger: { branch: "berth/ledger", path: "_AGENTS/sessions" },
    workspace: { kind: "worktree", worktrees: ".worktrees", clones: ".sessions" },
    landing: { verify: "" },
  });
});
