import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ProgressDisplay, showProgress } from "../../src/cli/progress-line.ts";
import type { Terminal } from "../../src/cli/terminal.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A display, and what it has written since it was last asked. */
function display(options: { tty?: boolean; quiet?: boolean; env?: Terminal["env"] }): {
  shown: ProgressDisplay;
  read: () => string;
} {
  const stderr = Object.assign(new PassThrough(), { isTTY: options.tty ?? false, columns: 50 });
  const terminal: Terminal = {
    env: options.env ?? {},
    cwd: "/",
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr,
    now: () => Date.now(),
  };
  const shown = showProgress(terminal, options.quiet ?? false);
  return { shown, read: () => String((stderr.read() as Buffer | null) ?? "") };
}

const CLEAR = "\r\u001b[2K";

test("on a terminal one line appears after 300 ms, is repainted with the time, and goes", async () => {
  const { shown, read } = display({ tty: true, env: { NO_COLOR: "1" } });
  await shown.report({ name: "ledger.fetched", detail: "hub" });
  vi.advanceTimersByTime(250);
  expect(read()).toBe("");
  vi.advanceTimersByTime(100);
  expect(read()).toBe(`${CLEAR}ledger fetched: hub 0.3 s`);
  await shown.report({ name: "verify.started", detail: `npm test \u001b[2J${"x".repeat(200)}` });
  const painted = read();
  expect(painted.slice(CLEAR.length)).toMatch(/^verify started: npm test x+… 0\.3 s$/);
  expect(painted.slice(CLEAR.length).length).toBeLessThan(50);
  shown.clear();
  expect(read()).toBe(CLEAR);
  vi.advanceTimersByTime(500);
  expect(read()).toBe("");
  await shown.report({ name: "verify.passed", detail: "" });
  vi.advanceTimersByTime(100);
  expect(read()).toContain("verify passed");
  shown.end();
  expect(read()).toBe(CLEAR);
  vi.advanceTimersByTime(5000);
  expect(read()).toBe("");
});

test.each([{}, { tty: true, env: { CI: "1" } }, { tty: true, env: { TERM: "dumb" } }])(
  "elsewhere (%j) nothing for two seconds, then one line a phase",
  async (options) => {
    const { shown, read } = display(options);
    await shown.report({ name: "ledger.fetched", detail: "hub" });
    vi.advanceTimersByTime(1900);
    expect(read()).toBe("");
    vi.advanceTimersByTime(200);
    expect(read()).toBe("berth: ledger fetched: hub\n");
    await shown.report({ name: "ledger.published", detail: "" });
    expect(read()).toBe("");
    await shown.report({ name: "workspace.added", detail: "a\nb" });
    expect(read()).toBe("berth: workspace added: a b\n");
    shown.end();
  },
);

test("--quiet shows nothing, and a verb that is done in time neither", async () => {
  const quiet = display({ tty: true, quiet: true });
  await quiet.shown.report({ name: "ledger.fetched", detail: "hub" });
  const quick = display({});
  await quick.shown.report({ name: "ledger.fetched", detail: "hub" });
  quick.shown.end();
  vi.advanceTimersByTime(10_000);
  expect(quiet.read() + quick.read()).toBe("");
});
