import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { runBerth } from "../cli/run-berth.ts";
import { sandbox } from "../support/sandbox.ts";

interface Report {
  readonly files: number;
  readonly changed: readonly { readonly path: string; readonly edits: number; readonly diff: string }[];
  readonly left: readonly { readonly path: string; readonly line: number; readonly column: number }[];
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
  readonly users: readonly string[];
  readonly written: boolean;
}

const SAMPLE = join(import.meta.dirname, "sample");
const MODULES = join(import.meta.dirname, "../../node_modules");

/** The sample project, in the style of what the design says was before; its files have no ending that is read here. */
function sample(): string {
  const { hub } = sandbox({ remote: false });
  for (const path of globSync("**/*.txt", { cwd: SAMPLE })) {
    const place = join(hub, "app", path.slice(0, -".txt".length));
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, readFileSync(join(SAMPLE, path)));
  }
  symlinkSync(MODULES, join(hub, "app", "node_modules"));
  writeFileSync(join(hub, ".gitignore"), "node_modules\nbuilt/\n");
  return hub;
}

/** What the compiler says of the project: `file:line`. */
function compiled(home: string): string[] {
  const { stdout } = spawnSync(join(MODULES, ".bin", "tsc"), ["--noEmit", "--project", "."], {
    cwd: join(home, "app"),
    encoding: "utf8",
  });
  return [...stdout.matchAll(/^(\S+)\((\d+),\d+\): error/gm)].map(([, file, line]) => `${file}:${line}`);
}

async function codemod(
  home: string,
  ...more: string[]
): Promise<{ readonly report: Report; readonly code: number | null }> {
  const { stdout, code } = await runBerth(["brain", "codemod", "app", "--json", ...more], { cwd: home });
  return { report: (JSON.parse(stdout) as { report: Report }).report, code };
}

function textsOf(home: string): Record<string, string> {
  const paths = globSync("app/{src,*.d.ts}/**", { cwd: home }).filter((path) => /\.\w+$/.test(path));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(home, path), "utf8")]));
}

test("[SIR-13] the sample compiles against the new module, but for what the report lists", async () => {
  const home = sample();
  expect(compiled(home)).toEqual([]);
  const before = textsOf(home);
  const shown = await codemod(home);
  expect(textsOf(home)).toEqual(before);
  expect(shown.report).toMatchObject({ written: false, files: 14, skipped: [] });

  const done = await codemod(home, "--write");
  expect(done.code).toBe(1);
  expect(done.report.changed).toEqual(shown.report.changed);
  const again = await codemod(home);
  expect(again.report).toMatchObject({ changed: [], users: shown.report.users });
  const listed = again.report.left.map(({ path, line }) => `${path}:${line}`);
  expect(listed).toHaveLength(11);
  const wrong = compiled(home);
  expect(wrong).toHaveLength(2);
  expect(wrong.filter((place) => !listed.includes(place))).toEqual([]);
  const leftIn = new Set(again.report.left.map(({ path }) => path));
  const old = /(?:get|set)(?:Current)?SessionId\b|services\/session"/;
  for (const { path } of done.report.changed.filter((change) => !leftIn.has(change.path)))
    expect(textsOf(home)[`app/${path}`]?.replaceAll(/^.*(?:\/\/|headers|request).*$/gm, "")).not.toMatch(old);
});

test("[SIR-13] once the rest is done by hand the old module goes, nothing is left, and all of it compiles", async () => {
  const home = sample();
  await codemod(home, "--write");
  const edit = (path: string, change: (text: string) => string): void => {
    const place = join(home, "app/src", path);
    writeFileSync(place, change(readFileSync(place, "utf8")));
  };
  edit("__tests__/session.test.ts", (text) =>
    text
      .replace("getCurrentSessionId()", "state.version")
      .replace("state?.sessionId", "1")
      .replace("state?.", "state."),
  );
  edit("tools/session/display.ts", (text) =>
    text
      .replace(/.*getCurrentSessionId\(\).*\n/, "")
      .replace("sessionId, stored: state?.sessionId", "version: state.version")
      .replace("state?.", "state."),
  );
  // It is enough that there is one: getSession makes it.
  for (const path of ["inngest/events.ts", "logging/audit.ts", "tools/session/index.ts"])
    edit(path, (text) => text.replaceAll("state?.", "state."));
  edit("inngest/workflows/correlate.ts", (text) =>
    text
      .replace(
        "export function correlation(): string {\n  return initSession();",
        "export function correlation(): void {\n  initSession();",
      )
      .replace("ids.map(getSession)", "ids.map(() => getSession())"),
  );
  const { report, code } = await codemod(home, "--write");
  expect({ code, left: report.left, users: report.users }).toEqual({ code: 0, left: [], users: [] });
  rmSync(join(home, "app/src/services/session"), { recursive: true });
  expect(compiled(home)).toEqual([]);
});

test("[SIR-13] only own files are read and written: no links, nothing ignored, nothing outside", async () => {
  const home = sample();
  const call = 'import { getSession } from "./services/session";\nexport const s = getSession("a");\n';
  writeFileSync(join(home, "outside.ts"), call);
  mkdirSync(join(home, "app/src/built"));
  writeFileSync(join(home, "app/src/built/out.ts"), call);
  mkdirSync(join(home, "elsewhere"));
  writeFileSync(join(home, "elsewhere/a.ts"), call.replace("./services", "../app/src/services"));
  symlinkSync("../../outside.ts", join(home, "app/src/link.ts"));
  symlinkSync("../../elsewhere", join(home, "app/src/linked"));
  writeFileSync(join(home, "app/src/bytes.ts"), Buffer.from([0x73, 0xff, 0xfe, 0x00]));
  const { report } = await codemod(home, "--write");
  expect(report.changed.filter(({ path }) => /link|built|outside|elsewhere/.test(path))).toEqual([]);
  expect(report.skipped).toEqual([{ path: "src/bytes.ts", why: expect.stringContaining("no UTF-8 text") as string }]);
  expect(readFileSync(join(home, "outside.ts"), "utf8")).toBe(call);
  expect(readFileSync(join(home, "elsewhere/a.ts"), "utf8")).toContain('getSession("a")');
  expect(existsSync(join(home, "app/src/link.ts"))).toBe(true);
});

test("[SIR-13] a dry run, a folder that is none, and a new module that is no specifier", async () => {
  const home = sample();
  const before = textsOf(home);
  const dry = await codemod(home, "--write", "--dry-run");
  expect(dry.report.written).toBe(false);
  expect(textsOf(home)).toEqual(before);
  expect((await runBerth(["brain", "codemod", "nowhere"], { cwd: home })).code).toBe(3);
  const call = 'import { getSession } from "#own";\nexport const s = getSession("a");\n';
  writeFileSync(join(home, "app/src/own.ts"), "export const getSession = (id?: string) => id;\n");
  writeFileSync(join(home, "app/src/called.ts"), call.replace("#own", "./own"));
  for (const own of ["app/src/own.ts", "src/own"]) {
    const { report } = await codemod(home, "--from", own, "--to", "#state");
    expect(report.changed.find(({ path }) => path === "src/called.ts")?.diff).toContain('from "#state"');
  }
  const path = await runBerth(["brain", "codemod", "app", "--to", "./state"], { cwd: home });
  expect(path).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("no module that every file can name") as string,
  });
});
