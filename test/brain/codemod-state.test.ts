import { describe, expect, test } from "vitest";
import { changed } from "../support/old-session.ts";

const OLD = 'from "./session";';
const NEW = 'from "berth/session-state";';

/** A function of some statements, with the names that they need. */
function code(body: string, from: string): string {
  return `import { getSession, setSession, type SessionState, type SessionUpdates } ${from}\nexport async function f(id: string, x: string, more: any, part: Partial<SessionState>, updates: SessionUpdates) {\n  ${body}\n}\n`;
}

describe("[SIR-05] [SIR-13] the updates of a state are named as setSession takes them", () => {
  test.each([
    ['setSession({ activeTask: "x", currentMode: "coding" }, id)', 'setSession({ task: "x", mode: "coding" })'],
    ["setSession({ 'activeFeature': x, task: x }, id)", "setSession({ 'feature': x, task: x })"],
    [
      "const activeTask = x; await setSession({ activeTask }, id)",
      "const activeTask = x; await setSession({ task: activeTask })",
    ],
    ["setSession({ mode: more, task: undefined })", "setSession({ mode: more, task: undefined })"],
    ["setSession(updates, id)", "setSession(updates)"],
    ["setSession({ task: x } as SessionUpdates, id)", "setSession({ task: x } as SessionUpdates)"],
    ["const one = { task: x }; await setSession(one, id)", "const one = { task: x }; await setSession(one)"],
  ])("%s", (before, after) => {
    expect(changed(code(`${before};`, OLD))).toEqual({ text: code(`${after};`, NEW), left: [], why: [] });
  });

  test.each([
    ["{ sessionId: id, activeTask: x }", "{ sessionId: id, task: x }", ["sessionId: id"]],
    ["{ version: 1, mode: more }", "{ version: 1, mode: more }", ["version: 1"]],
    ["{ ...more, activeTask: x }", "{ ...more, activeTask: x }", ["...more", "activeTask: x"]],
    ["{ [x]: x, task: x }", "{ [x]: x, task: x }", ["[x]: x"]],
    ["{ task() {} }", "{ task() {} }", ["task() {}"]],
    ["{ task: x, activeTask: x }", "{ task: x, activeTask: x }", ["activeTask: x"]],
    [
      "{ activeTask: undefined, feature: null }",
      "{ task: undefined, feature: null }",
      ["activeTask: undefined", "feature: null"],
    ],
    ["{ activeTask: x } as any", "{ activeTask: x } as any", ["activeTask: x"]],
    [
      "{ task: x } satisfies Partial<SessionState>",
      "{ task: x } satisfies Partial<SessionState>",
      ["{ task: x } satisfies Partial<SessionState>"],
    ],
    ["part", "part", ["part"]],
    ["more.updates", "more.updates", ["more.updates"]],
    ["more ? { task: x } : updates", "more ? { task: x } : updates", ["more ? { task: x } : updates"]],
  ])("left: %s", (before, after, left) => {
    const made = changed(code(`await setSession(${before}, id);`, OLD));
    expect(made.left.map((one) => one.replace(/^3:\d+ /, ""))).toEqual(left);
    expect(made.why.every((why) => why.length > 10)).toBe(true);
    const untouched = after.replace("{ task: undefined", "{ activeTask: undefined");
    expect(made.text).toBe(code(`await setSession(${untouched});`, NEW));
  });

  test("updates of unknown type are asked about while the call moves; a part of a state always", () => {
    expect(changed(code("await setSession(more);", OLD)).left).toEqual(["3:20 more"]);
    expect(changed(code("await setSession(more);", NEW)).left).toEqual([]);
    expect(changed(code("await setSession(part);", NEW)).left).toEqual(["3:20 part"]);
  });
});

describe("[SIR-10] [SIR-13] who tests whether there is a state is told that getSession makes one", () => {
  test.each([
    "return (await getSession(id)) === null ? 1 : 2;",
    "return undefined != (await getSession(id));",
    "return !(await getSession(id));",
    "return (await getSession(id)) ?? more;",
    "return (await getSession(id))?.currentMode;",
    "return (await getSession(id)) && more;",
    "return Boolean(await getSession(id));",
    "if (await getSession(id)) more();",
    "const state = await getSession(id); if (!state) return; more(state);",
    "const state = (await getSession(id)) as SessionState | null; while (state) more();",
    "const state = await getSession(id); return typeof state;",
    "let state; state = await getSession(id); return state ? 1 : 2;",
    "let state = await getSession(id); state ??= more; return state;",
    "const early = getSession(id); const state = await early; return state !== void 0;",
    "const state = await getSession(id); const other = state; return other || more;",
    "const state = more && (await getSession(id)); if (state) more();",
    "return getSession(id).then((state) => state === null);",
    "expect(await getSession(id)).not.toBeNull();",
  ])("%s", (body) => {
    const made = changed(code(body, OLD));
    expect(made.left.map((one) => one.replace(/^3:\d+ /, ""))).toEqual(["getSession(id)"]);
    expect(made.why).toEqual(["it makes a state now, and line 3 tests whether there is one"]);
    expect(made.text).toBe(code(body.replace("(id)", "()"), NEW));
    const meant = made.text.replaceAll("getSession", "loadSession");
    expect(changed(meant)).toEqual({ text: meant, left: [], why: [] });
  });

  test.each([
    "const state = await getSession(id); return state!.currentMode;",
    "const state = await getSession(id); return state.activeTask ?? more;",
    "const early = getSession(id); if (early) more();",
    "return more === null ? await getSession(id) : more;",
    "const state = await getSession(id); return state === more;",
    "expect((await getSession(id)).currentMode).toBeDefined();",
  ])("not asked about: %s", (body) => {
    expect(changed(code(body, OLD))).toEqual({ text: code(body.replace("(id)", "()"), NEW), left: [], why: [] });
  });
});
