import { expect, test } from "vitest";
import { callerName } from "../../src/cli/caller.ts";
import { BerthError } from "../../src/errors.ts";

test.each([
  ["the option wins", "codex-2", { BERTH_AGENT: "other", CLAUDECODE: "1" }, "codex-2"],
  ["then the variable", undefined, { BERTH_AGENT: "night shift", CLAUDECODE: "1" }, "night shift"],
  ["then the client", undefined, { CLAUDECODE: "1" }, "claude-code"],
  [
    "whose conversations differ",
    undefined,
    { CLAUDECODE: "1", CLAUDE_CODE_SESSION_ID: "0f6c2a14-77aa-4c0e-9a3f-aabbccddeeff" },
    "claude-code-ccddeeff",
  ],
  ["codex", undefined, { CODEX_SANDBOX: "seatbelt" }, "codex"],
  ["gemini", undefined, { GEMINI_CLI: "1" }, "gemini-cli"],
  ["cursor", undefined, { CURSOR_AGENT: "1" }, "cursor"],
  ["opencode", undefined, { OPENCODE: "1" }, "opencode"],
  ["a setting of a client is not a client", undefined, { CODEX_HOME: "/x", CLAUDE_CONFIG_DIR: "/y" }, undefined],
  ["a switched-off mark is none", undefined, { CLAUDECODE: "0", OPENCODE: "" }, undefined],
  ["an empty variable is none", undefined, { BERTH_AGENT: "" }, undefined],
  [
    "a hostile conversation id is left out",
    undefined,
    { CLAUDECODE: "1", CLAUDE_CODE_SESSION_ID: "$(x)\u202e" },
    "claude-code",
  ],
])("%s", (_says, option, env, expected) => {
  expect(callerName(option, env)).toBe(expected);
});

test.each([
  "",
  " ",
  " padded",
  "two\nlines",
  "bell\u0007",
  "rtl\u202e",
  "zero\u200bwidth",
  "\ud800",
  "all",
  "x".repeat(81),
])("%j is no name", (name) => {
  const refused = expect.objectContaining({ code: "USAGE" });
  expect(() => callerName(name, {})).toThrow(BerthError);
  expect(() => callerName(name, {})).toThrow(refused);
  if (name !== "") expect(() => callerName(undefined, { BERTH_AGENT: name })).toThrow(refused);
});

test("a name of any script that can be shown is a name", () => {
  for (const name of ["José", "小林", "O'Brien; rm -rf $HOME", "x".repeat(80)]) expect(callerName(name, {})).toBe(name);
});
