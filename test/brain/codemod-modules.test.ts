import { describe, expect, test } from "vitest";
import { changed, OLD, OLD_PLACE, planBeside } from "../support/old-session.ts";

function after(files: Readonly<Record<string, string>>, options = {}): Readonly<Record<string, string>> {
  const plan = planBeside(files, options);
  return { ...files, ...Object.fromEntries(plan.changes.map((change) => [change.path, change.after])) };
}

const CALL = "export const s = getSession(getCurrentSessionId());\n";
const DONE = `import { getSession } from "berth/session-state";\nexport const s = getSession();\n`;

describe("[SIR-13] the old module is followed", () => {
  test("through barrels, renames and stars, which then pass on the new one", () => {
    const made = after({
      "src/named.ts": `export { getSession, getCurrentSessionId as which, setSession } from "./session";\n`,
      "src/star.ts": `export * from "./session/index.js";\n`,
      "src/local.ts": `import { getSession } from "./star";\nexport { getSession };\n`,
      "src/a.ts": `import { getSession, which as getCurrentSessionId } from "./named";\n${CALL}`,
      "src/b.ts": `import { getSession, getCurrentSessionId } from './star'\n${CALL}`,
      "src/deep/c.ts": `import { getSession } from "../local";\nexport const s = getSession("a");\n`,
    });
    expect(made).toEqual({
      "src/named.ts": `export { getSession, setSession } from "berth/session-state";\n`,
      "src/star.ts": `export * from "berth/session-state";\n`,
      "src/local.ts": `import { getSession } from "berth/session-state";\nexport { getSession };\n`,
      "src/a.ts": DONE,
      "src/b.ts": DONE.replaceAll(/"(.*)";/g, "'$1'"),
      "src/deep/c.ts": DONE,
    });
  });

  test("under other names, which the new module does not have", () => {
    const made = after({
      "src/named.ts": `export { getSession as default, getSession as read, getSessionId as which } from "./session";\n`,
      "src/a.ts": `import state, { read, which } from "./named";\nexport const s = [state(which()), read(which())];\n`,
      "src/b.ts": `export { read } from "./named";\n`,
    });
    expect(made).toEqual({
      "src/named.ts": `export { getSession as default, getSession as read } from "berth/session-state";\n`,
      "src/a.ts": `import state, { read } from "./named";\nexport const s = [state(), read()];\n`,
      "src/b.ts": `export { read } from "./named";\n`,
    });
  });

  test("loaded in part, when something of it is left", () => {
    const made = after({
      "a.cjs": `const { getSession, getCurrentSessionId: which } = require('./src/session')\nmodule.exports = [which(), getSession('a')]\n`,
    });
    expect(made["a.cjs"]).toBe(
      `const { getCurrentSessionId: which } = require('./src/session')\nconst { getSession } = require('berth/session-state')\nmodule.exports = [which(), getSession()]\n`,
    );
  });

  test("where its parts are declared in files of their own", () => {
    const files = {
      "lib/state.ts": OLD.replace(/^export function getCurrent.*\n/m, `import { getCurrentSessionId } from "./id";\n`),
      "lib/id.ts": "export function getCurrentSessionId(): string | null { return null; }\n",
      "lib/all.ts": `export * from "./state";\nexport { getCurrentSessionId } from "./id";\n`,
      "a.ts": `import { getCurrentSessionId } from "./lib/id";\nimport { getSession } from "./lib/state";\n${CALL}`,
    };
    const plan = planBeside(files);
    expect(plan.modules).toEqual(["lib/id.ts", "lib/state.ts", OLD_PLACE]);
    expect(plan.left).toEqual([]);
    expect(after(files)["a.ts"]).toBe(DONE);
  });

  test("a barrel passes on what is left elsewhere for as long as it is", () => {
    const made = after({
      "src/named.ts": `export { getSession, getCurrentSessionId, getSessionId } from "./session";\n`,
      "src/a.ts": `import { getCurrentSessionId } from "./named";\nexport const id = getCurrentSessionId();\n`,
    });
    expect(made["src/named.ts"]).toBe(
      `export { getCurrentSessionId } from "./session";\nexport { getSession } from "berth/session-state";\n`,
    );
  });

  test("also to who has all of it under one name", () => {
    const barrel = `export { initSession, getSession, setSession, getSessionId, setCurrentSessionId } from "./session";\n`;
    const made = after({
      "src/named.ts": `${barrel}export const other = 1;\n`,
      "src/a.ts": `import * as all from "./named";\nexport const s = [all.getSession("a"), all.getSessionId(), all.other];\n`,
    });
    expect(made["src/named.ts"]).toBe(
      `export { initSession, getSessionId, setCurrentSessionId } from "./session";\nexport { getSession, setSession } from "berth/session-state";\nexport const other = 1;\n`,
    );
  });

  test("names that are none of its stay where they are", () => {
    const plan = planBeside({
      [OLD_PLACE]: `${OLD}export const other = 1;\nexport default 2;\n`,
      "src/a.ts": `import two, { getSession, other } from "./session";\nexport const s = [getSession("a"), two, other];\n`,
      "src/b.ts": `import * as all from "./session";\nexport const s = [all.getSession("a"), all.other];\n`,
      "src/c.ts": `export * from "./session";\n`,
    });
    expect(Object.fromEntries(plan.changes.map(({ path, after }) => [path, after]))).toEqual({
      "src/a.ts": `import two, { other } from "./session";\nimport { getSession } from "berth/session-state";\nexport const s = [getSession(), two, other];\n`,
      "src/b.ts": `import * as all from "./session";\nexport const s = [all.getSession(), all.other];\n`,
    });
    expect(plan.left.map(({ path, line, why }) => `${path}:${line} ${why}`).toSorted()).toEqual([
      "src/a.ts:1 the default export cannot be followed",
      "src/b.ts:1 it is asked for other too, which the new module does not have",
      "src/c.ts:1 the old module offers more than the new one has",
    ]);
    expect(plan.users.toSorted()).toEqual(["src/a.ts", "src/b.ts", "src/c.ts"]);
  });

  test("also by an alias that is named, to another module that is named", () => {
    const files = { "src/a.tsx": `import { getSession, getCurrentSessionId } from "@/session";\n${CALL}` };
    expect(planBeside(files).changes).toEqual([]);
    expect(after(files, { from: ["@/session"], to: "#state" })["src/a.tsx"]).toBe(
      DONE.replace("berth/session-state", "#state"),
    );
  });

  test("a file is the old module when it is named, whatever else it lacks", () => {
    const files = {
      "old.js": "exports.getSession = (id) => id;\n",
      "a.cjs": `const { getSession } = require("./old");\nmodule.exports = getSession("a");\n`,
    };
    expect(planBeside(files).changes).toEqual([]);
    expect(after(files, { from: ["old.js"] })["a.cjs"]).toBe(
      `const { getSession } = require("berth/session-state");\nmodule.exports = getSession();\n`,
    );
  });

  test("files are written before what they import, so that a killed run leaves nothing without its import", () => {
    const plan = planBeside({
      "a/inner.ts": `export { getSession, getCurrentSessionId } from "../src/session";\n`,
      "b/outer.ts": `export { getSession, getCurrentSessionId } from "../a/inner";\n`,
      "c/caller.ts": `import { getSession, getCurrentSessionId } from "../b/outer";\n${CALL}`,
    });
    expect(plan.changes.map(({ path }) => path)).toEqual(["c/caller.ts", "b/outer.ts", "a/inner.ts"]);
  });
});

describe("[SIR-13] nothing else is touched", () => {
  test.each([
    [
      "functions of other modules",
      `import { getSession, getSessionId } from "next-auth";\nexport const s = getSession(getSessionId());\n`,
    ],
    ["own functions", `function getSession(id: string) { return id; }\nexport const s = getSession("a");\n`],
    ["methods", `export const s = (store: any) => store.getSession(store.getCurrentSessionId());\n`],
    ["ids of other things", `export const s = (request: any) => ({ sessionId: request.sessionId });\n`],
    ["texts and comments", "// getSession(id)\nexport const s = 'getCurrentSessionId()' + `session-${1}`;\n"],
  ])("%s", (_, text) => {
    expect(changed(text)).toEqual({ text, left: [], why: [] });
  });

  test("names that are hidden by others", () => {
    const text = (from: string): string =>
      `import { getSession, type SessionState } from "${from}";\nexport function f(getSession: (id: string) => { sessionId: string }) {\n  const state = getSession("a");\n  return state.sessionId;\n}\nexport function g<SessionState extends { sessionId: string }>(state: SessionState) {\n  return state.sessionId;\n}\n`;
    expect(changed(text("./session"))).toEqual({ text: text("berth/session-state"), left: [], why: [] });
  });

  test("the old module itself, with the folder that is its own; its tests are callers", () => {
    const plan = planBeside({
      "src/session/store.ts": `import { getSession } from ".";\nexport const s = getSession("a");\n`,
      "src/session/__tests__/a.test.ts": `import { getSession } from "..";\nexport const s = getSession("a");\n`,
    });
    expect(plan.changes.map(({ path }) => path)).toEqual(["src/session/__tests__/a.test.ts"]);
  });

  test.each(["vi.mock('./session', () => ({}))", "jest.mock(import('./session'))"])("what is replaced: %s", (mock) => {
    const text = `import { getSession } from "./session";\n${mock};\nexport const s = getSession("a");\n`;
    expect(changed(text)).toMatchObject({ text, why: [expect.stringContaining("replaced here")] });
    const next = text.replaceAll("./session", "berth/session-state");
    expect(changed(next)).toEqual({ text: next.replace('"a"', ""), left: [], why: [] });
  });

  test("a file that cannot be parsed is listed, if it may be concerned at all", () => {
    const plan = planBeside({ "src/a.ts": "import { getSession } from ;\n", "src/b.ts": "const ;\n" });
    expect(plan.unreadable).toEqual([{ path: "src/a.ts", why: expect.stringContaining("1:27") as string }]);
    expect(plan.changes).toEqual([]);
  });
});
