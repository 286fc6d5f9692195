import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inProcess, type Said } from "../support/in-process.ts";
import { invocation } from "../support/invocation.ts";
import { sandbox } from "../support/sandbox.ts";

interface Shell {
  readonly dir: string;
  readonly run: (...args: string[]) => Promise<Said>;
  /** The JSON of a call that must succeed. */
  readonly json: (...args: string[]) => Promise<Record<string, unknown>>;
  /** The standard output of a call that must succeed. */
  readonly out: (...args: string[]) => Promise<string>;
  readonly piped: (input: string, ...args: string[]) => Promise<Said>;
}

/** Ids and times are of the run. */
const lengthOf = (value: unknown): unknown => (Array.isArray(value) ? value.length : null);

function shell(): Shell {
  const box = sandbox({ remote: false });
  const piped = (input: string, ...args: string[]): Promise<Said> =>
    inProcess(args, box.hub, join(box.dir, "machine"), input);
  const out = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await piped("", ...args);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: "" });
    return stdout;
  };
  return {
    dir: box.hub,
    piped,
    run: (...args) => piped("", ...args),
    out,
    json: async (...args) => JSON.parse(await out(...args, "--json")) as Record<string, unknown>,
  };
}

test("[SIR-10] [SIR-14] the state is shown and set; what is set is the state for programs, too", async () => {
  const { run, json, out } = shell();
  expect(await out("state", "get")).toMatch(/^Mode analysis: reading .*\n {2}modes +analysis\n {2}version {2}1, /);
  expect(await json("state", "set", "--mode", "coding", "--dry-run")).toMatchObject({
    plan: { was: { currentMode: "analysis" }, becomes: { currentMode: "coding", version: 2 } },
  });
  expect(await json("state", "get")).toMatchObject({ schemaVersion: 1, currentMode: "analysis", version: 1 });
  expect(await json("state", "set", "--mode", "coding", "--task", "Sign", "--feature", "Login")).toMatchObject({
    currentMode: "coding",
    activeTask: "Sign",
    activeFeature: "Login",
    version: 2,
    warnings: [],
  });
  expect(await out("state", "get", "--quiet")).toBe("coding\n");
  expect(await out("state", "get")).toContain("  task     Sign\n  feature  Login\n  modes    analysis → coding\n");
  expect(await json("state", "set", "--task", "")).not.toHaveProperty("activeTask");
  expect(await run("state", "set")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("nothing to set") as string,
  });
  expect((await run("state", "set", "--mode", "lunch")).code).toBe(2);
});

test("[SIR-06] history and restore bring back what was written over", async () => {
  const { json, out, run } = shell();
  expect(await out("state", "history")).toBe("There was no state yet.\n");
  for (const task of ["one", "two", "three"]) await out("state", "set", "--task", task);
  expect(await out("state", "history", "--quiet")).toBe("4\n3\n2\n1\n");
  expect((await out("state", "history", "--limit", "2")).split("\n")[1]).toMatch(/^4 .* analysis +three *$/);
  expect(await json("state", "restore", "2", "--dry-run")).toMatchObject({ plan: { becomes: { activeTask: "one" } } });
  expect(await json("state", "restore", "2")).toMatchObject({ activeTask: "one", version: 5 });
  expect(await run("state", "restore", "77")).toMatchObject({ code: 3 });
  expect(await run("state", "restore", "77", "--dry-run")).toMatchObject({ code: 3 });
  expect(await run("state", "set", "--dry-run")).toMatchObject({ code: 2 });
  // Numbers begin anew after a removal: the time says which one is meant.
  await out("brain", "delete", "sessions/session");
  await out("state", "set", "--task", "anew");
  const refused = await run("state", "restore", "2");
  expect(refused.code).toBe(2);
  const at = /--at (\S+)/.exec(refused.stderr)?.[1] ?? "";
  expect(await json("state", "restore", "2", "--at", at)).toMatchObject({ activeTask: "one", version: 3 });
  // One that is damaged is brought back as well.
  await out("brain", "write", "sessions/session", "damaged");
  expect((await run("state", "get")).stderr).toContain("berth state restore VERSION");
  expect(await json("state", "restore", "5")).toMatchObject({ activeTask: "one", version: 6 });
  expect(await out("state", "metrics")).toContain("# TYPE brain_session_conflicts_total counter\n");
});

test("[SIR-14] the gate answers with its exit code, and fails closed", async () => {
  const { run, out } = shell();
  expect(await run("state", "gate", "Edit")).toMatchObject({
    code: 7,
    stdout: expect.stringContaining("no session state") as string,
  });
  await out("state", "set", "--mode", "planning");
  expect((await run("state", "gate", "Edit")).code).toBe(7);
  expect(JSON.parse((await run("state", "gate", "Edit", "--json")).stdout)).toMatchObject({
    allowed: false,
    mode: "planning",
  });
  expect(await out("state", "gate", "Bash", "--quiet")).toBe("allowed\n");
  await out("brain", "write", "sessions/session", "damaged");
  expect(await run("state", "gate", "Bash")).toMatchObject({ code: 7 });
});

test("[SIR-02] [SIR-17] records of agents and of the orchestrator", async () => {
  const { json, out, run, piped } = shell();
  expect(await out("state", "agent", "qa")).toBe("There is no record of qa.\n");
  const text = JSON.stringify(invocation("qa"));
  expect(await json("state", "agent", "qa", "--save", text, "--dry-run")).toMatchObject({ plan: { agent: "qa" } });
  expect((await piped(text, "state", "agent", "qa", "--save", "-")).code).toBe(0);
  expect(await json("state", "agent", "qa")).toMatchObject({ record: invocation("qa") });
  expect(await out("state", "agent", "qa")).toContain("prompt: Look at the login\n");
  const all: [string, object][] = [
    ["invoked", { agent: "qa", prompt: "Test" }],
    ["completed", { agent: "qa", summary: "done" }],
    ["decision", { type: "scope", description: "d", rationale: "r", decidedBy: "qa" }],
    ["verdict", { agent: "qa", decision: "approve", confidence: 1, reasoning: "r" }],
    ["handoff", { fromAgent: "qa", toAgent: "devops", reason: "tested", context: "" }],
    ["phase", { phase: "validation" }],
  ];
  for (const [kind, entry] of all) {
    const before = await json("state", "get");
    const { plan } = await json("state", "record", kind, JSON.stringify(entry), "--dry-run");
    expect(plan).toMatchObject({ kind });
    expect(await json("state", "get")).toEqual(before);
    expect(await out("state", "record", kind, JSON.stringify(entry), "--quiet")).toBe(`${kind}\n`);
    const planned = (plan as { becomes: Record<string, unknown> }).becomes;
    const made = (await json("state", "get"))["orchestratorWorkflow"] as Record<string, unknown>;
    expect(Object.entries(made).map(([key, value]) => [key, lengthOf(value)])).toEqual(
      Object.entries(planned).map(([key, value]) => [key, lengthOf(value)]),
    );
  }
  // What would be refused is refused beforehand as well.
  const nobody = JSON.stringify({ agent: "nobody", summary: "done" });
  expect((await run("state", "record", "completed", nobody, "--dry-run")).code).toBe(3);
  expect((await run("state", "record", "phase", '{"phase":"lunch"}', "--dry-run")).code).toBe(2);
  expect((await json("state", "get"))["orchestratorWorkflow"]).toMatchObject({
    workflowPhase: "validation",
    decisions: { length: 1 },
    verdicts: { length: 1 },
    pendingHandoffs: { length: 1 },
  });
  expect(await out("state", "record", "phase", '{"phase":"complete"}')).toContain("  pending  devops\n");
  expect((await run("state", "record", "phase", '{"phase":"lunch"}')).code).toBe(2);
  expect((await run("state", "record", "phase", "not json")).code).toBe(2);
});

test("[SIR-11] notes are listed, read, written, searched and removed", async () => {
  const { json, out, run, piped } = shell();
  expect(await out("brain", "list")).toMatch(/^No notes in .*\n$/);
  expect(await json("brain", "write", "plans/login", "Tokens first", "--dry-run")).toMatchObject({
    plan: { path: "plans/login", was: null },
  });
  const sum = (await out("brain", "write", "plans/login", "Tokens first", "--expected", "", "--quiet")).trim();
  expect((await piped("two\nlines\n", "brain", "write", "plans/other", "-")).code).toBe(0);
  expect((await run("brain", "write", "plans/login", "x", "--expected", "")).code).toBe(4);
  expect(await out("brain", "write", "plans/login", "Tokens last", "--expected", sum)).toBe(
    "plans/login is written.\n",
  );
  expect(await out("brain", "list", "plans/*")).toBe("plans/login\nplans/other\n");
  expect(await out("brain", "read", "plans/login")).toBe("Tokens last\n");
  expect(await json("brain", "read", "plans/login")).toMatchObject({ note: { text: "Tokens last" } });
  expect(await run("brain", "read", "plans/none")).toMatchObject({ code: 3 });
  expect(await out("brain", "search", "tokens")).toBe("plans/login:1: Tokens last\n");
  expect(await out("brain", "search", "nowhere")).toBe("Nothing was found.\n");
  expect(await json("brain", "delete", "plans/login", "--dry-run")).toMatchObject({
    plan: { deletes: { text: "Tokens last" } },
  });
  expect(await out("brain", "delete", "plans/login")).toBe("plans/login is gone.\n");
  expect(await out("brain", "delete", "plans/login")).toBe("There was no note plans/login.\n");
  expect((await out("brain", "versions", "plans/login")).match(/Tokens (?:first|last)/g)).toEqual([
    "Tokens first",
    "Tokens last",
  ]);
  expect(await out("brain", "versions", "plans/none")).toBe("Nothing is kept of that note.\n");
  expect((await run("brain", "read", "../x")).code).toBe(2);
});

test("[SIR-12] the migration says what it would do, does it, and then there is nothing left", async () => {
  const { json, out, piped } = shell();
  expect(await out("brain", "migrate", "--dry-run")).toBe("There is nothing of before.\n");
  const time = "2026-01-01T00:00:00.000Z";
  const old = { sessionId: "a", currentMode: "coding", modeHistory: [], version: 4, createdAt: time, updatedAt: time };
  await out("brain", "write", "sessions/session-a", JSON.stringify(old));
  await out("brain", "write", "sessions/session-b", "damaged");
  const planned = await piped("", "brain", "migrate", "--dry-run");
  expect(planned.stdout).toContain("path: sessions/session\n");
  expect(planned.stderr).toContain("warning: sessions/session-b was skipped");
  const done = await piped("", "brain", "migrate");
  expect(done.stdout).toMatch(
    /^The sessions of before are one state\.\n[^]*winner +a \(the newest\)\n[^]*removed +2 notes\n/,
  );
  expect(await json("brain", "migrate")).toMatchObject({ report: { winner: null, removed: [], project: "main" } });
  expect(await json("state", "get")).toMatchObject({ currentMode: "coding", version: 5 });
});

test("[SIR-13] code is shown as it would be, written when that is asked for, and what is left has its place", async () => {
  const { dir, out, run, json } = shell();
  const [code, old] = [join(dir, "src/a.ts"), join(dir, "src/session.ts")];
  mkdirSync(join(dir, "src"), { recursive: true });
  const api = ["getCurrentSessionId", "getSession", "setSession"].map(
    (name) => `export function ${name}(_id?: string) {}`,
  );
  writeFileSync(old, `${api.join("\n")}\n`);
  writeFileSync(code, `import { getSession } from "./session";\nexport const f = (id: string) => getSession(id);\n`);
  const before = readFileSync(code, "utf8");
  expect(await out("brain", "codemod", "src")).toContain("+export const f = (id: string) => getSession();\n");
  expect(readFileSync(code, "utf8")).toBe(before);
  expect(await json("brain", "codemod", "src", "--write")).toMatchObject({
    report: { changed: [{ path: "a.ts" }], left: [] },
  });
  expect(readFileSync(code, "utf8")).toContain('from "berth/session-state"');
  writeFileSync(
    code,
    `import { getCurrentSessionId } from "./session";\nconsole.error(getCurrentSessionId().length);\n`,
  );
  const left = await run("brain", "codemod", "src");
  expect(left.code).toBe(1);
  expect(left.stdout).toMatch(/a\.ts:2:15/);
  expect(await run("brain", "codemod", "nowhere")).toMatchObject({ code: expect.toSatisfy((n) => n !== 0) as number });
});
