import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planned, program, sandbox } from "../support/sandbox.ts";
import { runShell } from "./run-berth.ts";

/** Prints the address of every module that is loaded, at the end. */
const SPY = `import { registerHooks } from "node:module";
const loaded = [];
registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
process.on("exit", () => process.stderr.write(loaded.map((url) => "loaded " + url + "\\n").join("")));`;

/** The files that a call of the program loads, from the top of the project. */
async function loadedBy(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const [node = "", berth = ""] = program;
  const spy = `data:text/javascript,${encodeURIComponent(SPY)}`;
  const { code, stderr } = await runShell('"$@"', [node, "--import", spy, berth, ...args], { cwd, env });
  expect(code, stderr).toBe(0);
  const root = join(import.meta.dirname, "../..");
  return [...stderr.matchAll(/^loaded file:\/\/(.*)$/gm)].map(([, path = ""]) => path.replace(`${root}/`, ""));
}

test("berth list loads its own verb and no parser, schema or prompt", async () => {
  const box = sandbox();
  const clone = box.clone("one");
  const berth = await box.open(clone);
  await berth.init({});
  const claimed = await berth.claim({ id: await planned(berth, "Limit logins") });
  const cwd = "workspace" in claimed ? (claimed.workspace?.path ?? clone) : clone;
  // The first call fills the caches of settings and rows.
  await loadedBy(["list"], cwd);
  const loaded = await loadedBy(["list"], cwd);
  expect(
    loaded.filter((path) =>
      /^src\/cli\/(?:session|setup|knowledge|demo|completion)\/(?!ledger-age|arguments)/.test(path),
    ),
  ).toEqual(["src/cli/session/list.ts"]);
  expect(loaded.filter((path) => path.includes("node_modules/"))).toEqual([]);
  expect(loaded).not.toContain("src/config.ts");
  for (const late of ["help-text", "failure", "input", "completion/scripts"])
    expect(loaded).not.toContain(`src/cli/${late}.ts`);
});

test("signs of life and locks, as hooks send them, run no git and load neither parsers nor merges", async () => {
  const box = sandbox();
  const clone = box.clone("one");
  await (await box.open(clone)).init({});
  const [bin, log] = [join(box.dir, "bin"), join(box.dir, "log")];
  box.write(bin, { git: `#!/bin/sh\necho "$@" >>'${log}'\nPATH='${process.env["PATH"]}' exec git "$@"\n` });
  chmodSync(join(bin, "git"), 0o755);
  const env = { PATH: `${bin}:${process.env["PATH"]}`, BERTH_AGENT: "one" };
  await loadedBy(["agent", "register"], clone, env);
  for (const args of [["agent", "beat"], ["lock", "src/a.txt"], ["unlock", "src/a.txt"], ["inbox"]]) {
    await loadedBy(args, clone, env);
    writeFileSync(log, "");
    const loaded = await loadedBy(args, clone, env);
    expect([args, readFileSync(log, "utf8")]).toEqual([args, ""]);
    const late = /node_modules\/|^src\/(?:document|session|shared-context|coordination\/save)\/|^src\/config/;
    expect([args, loaded.filter((path) => late.test(path))]).toEqual([args, []]);
  }
});
