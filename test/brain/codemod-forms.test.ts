import { describe, expect, test } from "vitest";
import { changed } from "../support/old-session.ts";

const OLD = 'from "./session";';
const NEW = 'from "berth/session-state";';

/** Name, path, before, after. Nothing is left in any of them. */
const SAFE: readonly (readonly [name: string, before: string, after: string, path?: string])[] = [
  [
    "an id that nobody uses",
    `import { getCurrentSessionId, getSession } ${OLD}\nasync function f() {\n  const id = getCurrentSessionId();\n  return getSession();\n}\n`,
    `import { getSession } ${NEW}\nasync function f() {\n  return getSession();\n}\n`,
  ],
  [
    "an import that nobody needs any more",
    `import { a } from "./a";\nimport { getCurrentSessionId } ${OLD}\nconst id = getCurrentSessionId();\nexport const b = a;\n`,
    `import { a } from "./a";\nexport const b = a;\n`,
  ],
  [
    "an id given to what takes none any more",
    `import { getSession, setSession } ${OLD}\nexport async function f(id: string) {\n  await setSession({ mode: "coding" }, id);\n  return getSession(id);\n}\n`,
    `import { getSession, setSession } ${NEW}\nexport async function f(id: string) {\n  await setSession({ mode: "coding" });\n  return getSession();\n}\n`,
  ],
  [
    "an id read in place, in brackets, asserted, with a fallback",
    `import { getSession, getSessionId } ${OLD}\nexport const all = [getSession(getSessionId()!), getSession((getSessionId() as string)), getSession(getSessionId() ?? undefined)];\n`,
    `import { getSession } ${NEW}\nexport const all = [getSession(), getSession(), getSession()];\n`,
  ],
  [
    "aliases",
    `import { getSession as read, getCurrentSessionId as which } ${OLD}\nconst id = which();\nexport const state = read(id);\n`,
    `import { getSession as read } ${NEW}\nexport const state = read();\n`,
  ],
  [
    "a namespace",
    `import * as session ${OLD}\nexport async function f() {\n  const id = session.getCurrentSessionId();\n  return session?.getSession(id) ?? session["getSession"](id);\n}\n`,
    `import * as session ${NEW}\nexport async function f() {\n  return session?.getSession() ?? session["getSession"]();\n}\n`,
  ],
  [
    "a beginning whose id nobody uses",
    `import { initSession } ${OLD}\nexport async function f() {\n  const id = initSession();\n}\n`,
    `import { initSession } ${NEW}\nexport async function f() {\n  initSession();\n}\n`,
  ],
  [
    "a beginning whose id was waited for, given on and set",
    `import { initSession, getSession, setCurrentSessionId } ${OLD}\nexport const f = async () => {\n  const id: string = await initSession();\n  await setCurrentSessionId(id);\n  return getSession(id);\n};\n`,
    `import { initSession, getSession } ${NEW}\nexport const f = async () => {\n  initSession();\n  return getSession();\n};\n`,
  ],
  [
    "a beginning at the top of a module, without semicolons",
    `import { initSession } from './session'\nconst id = initSession()\n`,
    `import { initSession } from 'berth/session-state'\ninitSession()\n`,
    "src/a.mts",
  ],
  [
    "what has no counterpart, as a statement",
    `import { cleanupOrphanSessions, cleanupSession } ${OLD}\nexport async function f(x: boolean) {\n  if (x) await cleanupOrphanSessions();\n  await cleanupOrphanSessions();\n  await cleanupSession();\n}\n`,
    `import { cleanupSession } ${NEW}\nexport async function f(x: boolean) {\n  if (x) {}\n  await cleanupSession();\n}\n`,
  ],
  [
    "ids in the context of a log call",
    `import { getCurrentSessionId, getSession } ${OLD}\nexport async function f(logger: any) {\n  const sessionId = getCurrentSessionId();\n  const state = await getSession(sessionId!);\n  logger.info({ sessionId, mode: 1, stored: state?.sessionId }, "read");\n  console.error("x", {\n    a: 1,\n    id: sessionId,\n  });\n  this.log.debug({ sessionId });\n}\n`,
    `import { getSession } ${NEW}\nexport async function f(logger: any) {\n  const state = await getSession();\n  logger.info({ mode: 1 }, "read");\n  console.error("x", {\n    a: 1,\n  });\n  this.log.debug({});\n}\n`,
  ],
  [
    "the id taken out of a state, for log calls alone",
    `import { getSession } ${OLD}\nexport async function f(log: any) {\n  const { sessionId, currentMode } = (await getSession())!;\n  log.info({ sessionId, currentMode });\n  return currentMode;\n}\n`,
    `import { getSession } ${NEW}\nexport async function f(log: any) {\n  const { currentMode } = (await getSession())!;\n  log.info({ currentMode });\n  return currentMode;\n}\n`,
  ],
  [
    "one of several variables",
    `import { getCurrentSessionId } ${OLD}\nexport function f() {\n  const a = 1,\n    id = getCurrentSessionId(),\n    b = 2;\n  return a + b;\n}\n`,
    `export function f() {\n  const a = 1,\n    b = 2;\n  return a + b;\n}\n`,
  ],
  [
    "all of several variables",
    `import { getCurrentSessionId, getSessionId } ${OLD}\nconst a = getCurrentSessionId(), b = getSessionId();\nexport const c = 1;\n`,
    `export const c = 1;\n`,
  ],
  [
    "comments beside what goes",
    `import { getCurrentSessionId, getSession } ${OLD}\n// which one\nconst id = getCurrentSessionId(); // here\nexport const s = getSession(id);\n`,
    `import { getSession } ${NEW}\n// which one\n// here\nexport const s = getSession();\n`,
  ],
  [
    "types",
    `import type { SessionState } ${OLD}\nimport { type SessionUpdates, getSession } ${OLD}\nexport type A = SessionState | SessionUpdates | ReturnType<typeof getSession>;\n`,
    `import type { SessionState } ${NEW}\nimport { type SessionUpdates, getSession } ${NEW}\nexport type A = SessionState | SessionUpdates | ReturnType<typeof getSession>;\n`,
  ],
  [
    "require and import()",
    `const { getSession: read, getSessionId } = require("./session");\nasync function f() {\n  const { setSession } = await import("./session");\n  const all = await import("./session");\n  await setSession({}, getSessionId());\n  return [read(getSessionId()), all.getSession("x")];\n}\n`,
    `const { getSession: read } = require("berth/session-state");\nasync function f() {\n  const { setSession } = await import("berth/session-state");\n  const all = await import("berth/session-state");\n  await setSession({});\n  return [read(), all.getSession()];\n}\n`,
    "src/a.js",
  ],
  [
    "lines without semicolons that must not be joined",
    `import { getCurrentSessionId } from './session'\nconst a = f\ngetCurrentSessionId()\n;[1].map(a)\nconst b = a\ngetCurrentSessionId();\n[2].map(b)\n`,
    `const a = f\n;[1].map(a)\nconst b = a\n;[2].map(b)\nexport {};\n`,
  ],
  [
    "several such lines, in a block",
    `import { getCurrentSessionId, getSessionId } ${OLD}\nfunction f(a) {\n  const b = a\n  getCurrentSessionId();\n  (getSessionId());\n  [2].map(b)\n}\n`,
    `function f(a) {\n  const b = a\n  ;[2].map(b)\n}\nexport {};\n`,
  ],
];

describe("[SIR-13] what is safe is rewritten", () => {
  test.for(SAFE)("%s", ([, before, after, path]) => {
    const made = changed(before, path);
    expect(made.left).toEqual([]);
    expect(made.text).toBe(after);
    expect(changed(made.text, path)).toEqual({ text: after, left: [], why: [] });
  });
});

/** Name, code, what is left where, and the code afterwards when it changes nevertheless. */
const UNSAFE: readonly (readonly [
  name: string,
  before: string,
  left: readonly string[],
  after?: string,
  path?: string,
])[] = [
  [
    "an id in an answer",
    `import { getCurrentSessionId } ${OLD}\nexport const f = () => ({ sessionId: getCurrentSessionId() });\n`,
    ["2:38 getCurrentSessionId()"],
  ],
  [
    "an id that is compared, and given to what still takes it",
    `import { getCurrentSessionId, getSession } ${OLD}\nconst id = getCurrentSessionId();\nif (id) await getSession(id);\n`,
    ["2:12 getCurrentSessionId()"],
    `import { getCurrentSessionId } ${OLD}\nimport { getSession } ${NEW}\nconst id = getCurrentSessionId();\nif (id) await getSession();\n`,
    "src/a.mts",
  ],
  [
    "an id that changes",
    `import { getCurrentSessionId } ${OLD}\nlet id = getCurrentSessionId();\nid = "x";\n`,
    ["2:10 getCurrentSessionId()"],
  ],
  [
    "an id that others import",
    `import { getCurrentSessionId } ${OLD}\nexport const id = getCurrentSessionId();\n`,
    ["2:19 getCurrentSessionId()"],
  ],
  [
    "arguments that do something",
    `import { getSession, setSession } ${OLD}\nexport const f = (next: () => string, all: string[]) => [\n  getSession(next()),\n  setSession({}, all[0]),\n  getSession(...all),\n  setSession(...([{}, "a"] as const)),\n];\n`,
    [
      "3:3 getSession(next())",
      "4:3 setSession({}, all[0])",
      "5:3 getSession(...all)",
      '6:3 setSession(...([{}, "a"] as const))',
    ],
    `import { getSession, setSession } ${NEW}\nexport const f = (next: () => string, all: string[]) => [\n  getSession(next()),\n  setSession({}, all[0]),\n  getSession(...all),\n  setSession(...([{}, "a"] as const)),\n];\n`,
  ],
  [
    "await where it is not allowed",
    `import { initSession } ${OLD}\nconst g = async (a = initSession()) => a;\nclass A {\n  id = initSession();\n}\n`,
    ["2:22 initSession()", "4:8 initSession()"],
  ],
  [
    "an answer that is used",
    `import { initSession, cleanupOrphanSessions } ${OLD}\nexport const f = async () => initSession();\nexport const g = () => cleanupOrphanSessions().catch(() => {});\n`,
    ["2:30 initSession()", "3:24 cleanupOrphanSessions()"],
  ],
  [
    "a change to another session",
    `import { setCurrentSessionId } ${OLD}\nexport async function f(other: string) {\n  await setCurrentSessionId(other);\n}\n`,
    ["3:9 setCurrentSessionId(other)"],
  ],
  [
    "functions that are passed on",
    `import { getSession } ${OLD}\nimport * as all ${OLD}\nexport const f = (ids: string[]) => ids.map(getSession);\nexport const g = all;\n`,
    ["3:45 getSession", "4:18 all"],
    `import { getSession } ${NEW}\nimport * as all ${OLD}\nexport const f = (ids: string[]) => ids.map(getSession);\nexport const g = all;\n`,
  ],
  [
    "comments inside of what would go",
    `import { getCurrentSessionId, getSession } ${OLD}\nconst /* which */ id = getCurrentSessionId();\nexport const s = getSession(id /* this one */);\n`,
    ["2:24 getCurrentSessionId()"],
    `import { getCurrentSessionId } ${OLD}\nimport { getSession } ${NEW}\nconst /* which */ id = getCurrentSessionId();\nexport const s = getSession(/* this one */);\n`,
  ],
  [
    "ids of states in types and answers",
    `import type { SessionState } ${OLD}\nexport type Id = SessionState["sessionId"];\nexport type Rest = Omit<SessionState, "sessionId" | "version">;\nexport const id = (state: SessionState | null) => state?.sessionId;\nexport const s: SessionState = { sessionId: "a", currentMode: "b", version: 1 };\nexport const f = ({ sessionId }: SessionState): string => sessionId;\n`,
    [
      '2:18 SessionState["sessionId"]',
      '3:20 Omit<SessionState, "sessionId" | "version">',
      "4:51 state?.sessionId",
      '5:34 sessionId: "a"',
      "6:21 sessionId",
    ],
    `import type { SessionState } ${NEW}\nexport type Id = SessionState["sessionId"];\nexport type Rest = Omit<SessionState, "sessionId" | "version">;\nexport const id = (state: SessionState | null) => state?.sessionId;\nexport const s: SessionState = { sessionId: "a", currentMode: "b", version: 1 };\nexport const f = ({ sessionId }: SessionState): string => sessionId;\n`,
  ],
  [
    "a state that comes by then",
    `import { getSession } ${NEW}\nexport const id = getSession().then((state) => state.sessionId);\n`,
    ["2:48 state.sessionId"],
  ],
  [
    "paths of notes",
    "export const f = (id: string, a: string) => [`session-${id}-agent-${a}`, `sessions/session-${id}`, 'sessions/session-' + id];\nexport const css = (n: number) => `session-${n}`;\n",
    ["1:46 `session-${id}-agent-${a}`", "1:74 `sessions/session-${id}`", "1:100 'sessions/session-' + id"],
  ],
  [
    "ways that are not followed",
    `import { getSession } ${OLD}\nimport "./session";\nvi.mock("./session", () => ({ getSession: vi.fn() }));\nexport const s = getSession("a");\nexport const t = import("./session").then((m) => m.getSession("a"));\nexport type T = import("./session").SessionState;\n`,
    [
      '2:1 import "./session";',
      '3:1 vi.mock("./session", () => ({ getSession: vi.fn() }))',
      '5:18 import("./session")',
      '6:17 import("./session").SessionState',
    ],
  ],
  [
    "an alias that names no file",
    `import { getCurrentSessionId } from "@/session";\nexport const id = getCurrentSessionId();\n`,
    ['1:1 import { getCurrentSessionId } from "@/session";'],
  ],
];

test.for(UNSAFE)("[SIR-13] left for a person, with place and reason: %s", ([, before, left, after, path]) => {
  const made = changed(before, path);
  expect(made.left).toEqual(left);
  expect(made.text).toBe(after ?? before);
  expect(made.why.every((why) => why.length > 10)).toBe(true);
  expect(changed(made.text, path).text).toBe(made.text);
});
