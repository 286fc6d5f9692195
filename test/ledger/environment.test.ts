import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  completeEnvironment,
  gitIdentity,
  renderEnvironment,
  sessionEnvironment,
  templateEnvironment,
} from "../../src/ledger/environment.ts";
import { bundledTemplate, renderTemplate } from "../../src/ledger/template.ts";
import { missing, shells, source } from "./shells.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "berth-env-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const input = {
  session: "2025-10-14-feature-x",
  agent: { name: "Ann", email: "ann@host" },
  branch: "session/2025-10-14-feature-x",
  base: "main",
  epoch: 3,
};

const attacks = [
  "$(touch canary)",
  "`touch canary`",
  "'; touch canary; '",
  '"; touch canary; "',
  "'\"'\"'; touch canary #",
  "\\'; touch canary; \\'",
  "\\",
  "a\\",
  "\\\\' (touch canary)",
  "x\ntouch canary\n",
  "x\rtouch canary",
  "-x; touch canary",
  "--help",
  "(touch canary)",
  "{touch,canary}",
  "& touch canary &",
  "| touch canary",
  "> canary",
  "!touch canary",
  "%self",
  "~root",
  "*",
  "=touch",
  "\u202Etouch canary\u2066",
  "a\0touch canary",
  "$HOME ${HOME} $[1] $((1))",
  "\u001b]0;x\u0007",
  'O\'Brien "the" \\ one',
];

describe("[ASP-07] the environment of a session", () => {
  test("names the agent to git and the session to everybody", () => {
    expect(sessionEnvironment({ ...input, port: 20_040 })).toEqual({
      GIT_AUTHOR_NAME: "Ann",
      GIT_AUTHOR_EMAIL: "ann@host",
      GIT_COMMITTER_NAME: "Ann",
      GIT_COMMITTER_EMAIL: "ann@host",
      SESSION_ID: input.session,
      SESSION_SLUG: input.session,
      SESSION_BRANCH: input.branch,
      BASE_BRANCH: "main",
      BERTH_SESSION: input.session,
      BERTH_AGENT: "Ann",
      BERTH_EPOCH: "3",
      BERTH_PORT: "20040",
    });
    expect(sessionEnvironment({ ...input, workspace: "/w", port: null })).toMatchObject({ BERTH_WORKSPACE: "/w" });
    expect(sessionEnvironment({ ...input, workspace: null })).not.toHaveProperty("BERTH_PORT");
  });

  test("has an identity that git takes, and gives back unchanged", () => {
    const hostile = [...attacks, "", " ", "...", "<>", "a <b> c", "Ann.", '"Ann"'];
    for (const text of hostile) {
      const vars = sessionEnvironment({ ...input, agent: { name: text, email: text } });
      const { stdout, status } = spawnSync("git", ["var", "GIT_AUTHOR_IDENT"], {
        encoding: "utf8",
        cwd: dir,
        env: { ...process.env, ...vars },
      });
      expect(status, text).toBe(0);
      const ident = /^(.*) <(.*)> \d+ \+\d+\n$/.exec(stdout);
      expect([ident?.[1], ident?.[2]]).toEqual([vars["GIT_AUTHOR_NAME"], vars["GIT_AUTHOR_EMAIL"]]);
    }
    expect(gitIdentity({ name: "Ann Bee", email: "ann@host" })).toEqual({ name: "Ann Bee", email: "ann@host" });
  });

  test("refuses names of variables that a shell would not take", () => {
    for (const name of ["A B", "a;b", "", "1A", "A-B", "A=B"])
      expect(() => renderEnvironment({ [name]: "x" }, "bash")).toThrow(/variable's name/);
  });
});

/** Texts as they arrive: without what cannot be shown on one line in reading order. */
const shown = (text: string): string =>
  text.toWellFormed().replaceAll(/[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/gu, "");

describe.each(Object.keys(shells))("[ASP-07] in %s", (shell) => {
  const values = fc.oneof(
    fc.constantFrom(...attacks),
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("'", '"', "\\", "$", "`", "(", ")", "a", " ", "\n", "!") }),
  );

  test("every value arrives as it is, and none is run", ({ skip }) => {
    const absent = missing(shell);
    if (absent) skip(absent);
    const all = fc.array(values, { minLength: 300, maxLength: 300 });
    fc.assert(
      fc.property(all, (list) => {
        const given = [...attacks, ...list];
        const vars = Object.fromEntries(given.map((value, at) => [`V_${at}`, value]));
        const forms = shell === "fish" ? (["sh", "fish"] as const) : (["sh"] as const);
        for (const form of forms) {
          writeFileSync(join(dir, "env"), renderEnvironment(vars, form));
          const read = source(shell, "./env", dir);
          expect(read.stderr).toBe("");
          expect(given.map((_, at) => read.vars.get(`V_${at}`))).toEqual(given.map(shown));
        }
        expect(readdirSync(dir)).toEqual(["env"]);
      }),
      { numRuns: 5 },
    );
  });

  test("the bundled template gives the same variables", async ({ skip }) => {
    const absent = missing(shell);
    if (absent) skip(absent);
    const vars = sessionEnvironment({
      ...input,
      agent: { name: "O'Brien \\ $(touch canary)", email: "o@b" },
      port: 20_000,
    });
    const text = await renderTemplate(await bundledTemplate("session-env"), templateEnvironment(vars), "f");
    expect(completeEnvironment(text, vars)).toBe(text);
    writeFileSync(join(dir, ".session-env"), text);
    const read = source(shell, "./.session-env", dir);
    expect(read.stderr).toBe("");
    expect(Object.fromEntries(Object.keys(vars).map((name) => [name, read.vars.get(name)]))).toEqual(vars);
    expect(readdirSync(dir)).toEqual([".session-env"]);
  });

  test("a team's template runs nothing, however it quotes the names", async ({ skip }) => {
    const absent = missing(shell);
    if (absent) skip(absent);
    const template = [
      'export GIT_AUTHOR_NAME="{{ USER_NAME }}"',
      "export GIT_AUTHOR_EMAIL='{{ USER_EMAIL }}'",
      "export QUOTED={{ USER_NAME | sh }}",
      "export SESSION_ID={{ SESSION_SLUG }}",
    ].join("\n");
    for (const attack of attacks) {
      const vars = sessionEnvironment({ ...input, agent: { name: attack, email: attack } });
      const text = completeEnvironment(await renderTemplate(template, templateEnvironment(vars), "f"), vars);
      writeFileSync(join(dir, "env"), text);
      const read = source(shell, "./env", dir);
      expect(readdirSync(dir), attack).toEqual(["env"]);
      expect(read.vars.get("SESSION_ID")).toBe(input.session);
      expect(read.vars.get("BERTH_AGENT")).toBe(vars["BERTH_AGENT"]);
      expect(read.vars.get("GIT_COMMITTER_NAME")).toBe(vars["GIT_COMMITTER_NAME"]);

      // Without quotes a name with spaces is not set as it is; it must still not be run.
      writeFileSync(
        join(dir, "env"),
        await renderTemplate("export BARE={{ USER_NAME }}", templateEnvironment(vars), "f"),
      );
      source(shell, "./env", dir);
      expect(readdirSync(dir), attack).toEqual(["env"]);
    }
  });
});

test("[ASP-07] what a team's template leaves out is added, what it sets is not", () => {
  const vars = sessionEnvironment(input);
  const own = "  export GIT_AUTHOR_NAME=team\nset -gx SESSION_ID x\n# export BERTH_EPOCH=9\nexport SESSION_IDS=1";
  const lines = completeEnvironment(own, vars).split("\n");
  expect(lines.slice(0, 4)).toEqual(own.split("\n"));
  const set = lines.slice(4).map((line) => /^export (\w+)=/.exec(line)?.[1]);
  expect(set.filter(Boolean)).toEqual(
    Object.keys(vars).filter((name) => name !== "GIT_AUTHOR_NAME" && name !== "SESSION_ID"),
  );
});
