import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, type TestContext } from "vitest";
import { visibleVerbs } from "../../src/cli/registry.ts";
import { missing } from "../ledger/shells.ts";
import { planned, program, type Sandbox, sandbox } from "../support/sandbox.ts";
import { cleanEnvironment, runBerth } from "./run-berth.ts";

/** A clone with one planned session and one draft, and a `berth` on the path. */
async function setting(): Promise<{ box: Sandbox; cwd: string; env: Record<string, string> }> {
  const box = sandbox({ name: "berth completion" });
  const cwd = box.clone("one");
  const berth = await box.open(cwd);
  await berth.init({});
  await planned(berth, "Limit logins", { id: "2026-11-21-limit-logins" });
  await berth.draft({ title: "A: draft's `title` $(x)", id: "2026-11-21-a-draft" });
  mkdirSync(join(box.dir, "bin"));
  const file = join(box.dir, "bin", "berth");
  writeFileSync(file, `#!/bin/sh\nexec ${program.map((word) => `'${word}'`).join(" ")} "$@"\n`);
  chmodSync(file, 0o755);
  return { box, cwd, env: cleanEnvironment({ PATH: `${join(box.dir, "bin")}:${process.env["PATH"] ?? ""}` }) };
}

/** The shell's name; without it the test says why it did not run. */
function need(shell: string, context: TestContext): string {
  const absent = missing(shell);
  if (absent !== null) context.skip(absent);
  return shell;
}

async function offered(words: readonly string[], cwd: string): Promise<string[]> {
  const { code, stdout, stderr } = await runBerth(["__complete", "--", ...words], { cwd });
  expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: "" });
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : [line.replace(/\t.*/, "")]));
}

test("what is offered fits the place: verbs, options, their values, and sessions that the verb takes", async () => {
  const { cwd } = await setting();
  const [draft, plan] = ["2026-11-21-a-draft", "2026-11-21-limit-logins"];
  const words = visibleVerbs().map(({ name }) => name.split(" ")[0]);
  expect(await offered([""], cwd)).toEqual([...new Set(words)]);
  expect(await offered(["task", ""], cwd)).toEqual(["add", "take", "done", "fail", "hand", "list"]);
  expect(await offered(["cl"], cwd)).toEqual(["claim"]);
  expect(await offered(["claim", ""], cwd)).toEqual([plan]);
  expect(await offered(["ready", ""], cwd)).toEqual([draft]);
  expect(await offered(["edit", "2026-"], cwd)).toEqual([draft, plan]);
  expect(await offered(["--json", "-C", cwd, "claim", ""], "/")).toEqual([plan]);
  expect(await offered(["claim", plan, ""], cwd)).toEqual([]);
  expect(await offered(["claim", "--wo"], cwd)).toEqual(["--workspace"]);
  expect(await offered(["claim", "--workspace", ""], cwd)).toEqual(["worktree", "clone"]);
  expect(await offered(["claim", "--workspace=c"], cwd)).toEqual(["--workspace=clone"]);
  expect(await offered(["claim", "--workspace", "=", "c"], cwd)).toEqual(["--workspace=clone"]);
  expect(await offered(["claim", "--next", "--ne"], cwd)).toEqual([]);
  expect(await offered(["draft", "x", "--path", "a", "--pa"], cwd)).toEqual(["--path", "--parent"]);
  expect(await offered(["draft", "x", "--depends", ""], cwd)).toEqual([draft, plan]);
  expect(await offered(["list", "--dry"], cwd)).toEqual([]);
  expect(await offered(["help", "comp"], cwd)).toEqual(["completion", "complete"]);
  expect(await offered(["completion", ""], cwd)).toEqual(["bash", "zsh", "fish"]);
  expect(await offered(["edit", "x", "--file", ""], cwd)).toEqual([":files"]);
  expect(await offered(["-C", ""], cwd)).toEqual([":folders"]);
  expect(await offered(["ga"], cwd)).toEqual([]);
});

test("it never fails and never speaks: outside a repository, without an end, on nonsense", async () => {
  const nothing = [["claim", ""], ["nosuch", ""], ["-C", "/no/such", "claim", ""], ["log", "--", "--", "-"], ["-C"]];
  for (const words of nothing) expect(await offered(words, "/")).toEqual([]);
  for (const words of [[], ["--nosuch", ""]]) expect(await offered(words, "/")).toContain("claim");
});

describe("in a real shell", () => {
  test("bash", async () => {
    const { cwd, env } = await setting();
    const script = `source <(berth completion bash) || exit 1
      try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _berth; echo "\${COMPREPLY[*]}"; }
      complete -p berth
      try berth cla; try berth claim ""; try berth list --state = pl; try berth list --state =; try berth completion z`;
    const { stdout, stderr, status } = spawnSync("bash", ["--norc", "--noprofile", "-c", script], {
      cwd,
      env,
      encoding: "utf8",
    });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout.trimEnd().split("\n")).toEqual([
      "complete -F _berth berth",
      "claim",
      "2026-11-21-limit-logins",
      "planned",
      "drafting planned active completed abandoned",
      "zsh",
    ]);
  });

  test("fish", async (context) => {
    const fish = need("fish", context);
    const { cwd, env } = await setting();
    const lines = ["berth cla", "berth edit ", "berth list --state=pl", "berth list --state dr", "berth -C "];
    const script = `berth completion fish | source; ${lines.map((line) => `complete -C "${line}"; echo .`).join("; ")}`;
    const { stdout, stderr } = spawnSync(fish, ["--no-config", "-c", script], { cwd, env, encoding: "utf8" });
    expect(stderr).toBe("");
    const [verb, sessions, assigned, value, folders] = stdout.split("\n.\n");
    expect(verb).toBe("claim\tTake a planned session and get a workspace for it");
    expect(sessions).toBe("2026-11-21-a-draft\tA: draft's `title` $(x)\n2026-11-21-limit-logins\tLimit logins");
    expect(assigned).toBe("--state=planned");
    expect(value).toBe("drafting");
    expect(folders).toMatch(/^src\//m);
    expect(folders).not.toContain("README.md");
  });

  test("zsh, at its own prompt", async (context) => {
    const zsh = need("zsh", context);
    const { box, cwd, env } = await setting();
    const driver = join(box.dir, "drive.zsh");
    writeFileSync(driver, ZSH_DRIVER);
    const type = (line: string, until: string): string =>
      spawnSync(zsh, ["-f", driver, line, until], { cwd, env, encoding: "utf8", timeout: 25_000 }).stdout;
    expect(type("berth cla", "berth claim")).toContain("berth claim");
    expect(type("berth ready ", "berth ready 2026-11-21-a-draft")).toContain("berth ready 2026-11-21-a-draft");
    expect(type("berth list --state=pl", "--state=planned")).toContain("--state=planned");
    expect(type("berth edit 2026-11-21-", "Limit logins")).toMatch(/2026-11-21-a-draft +-- A: draft's `title` \$\(x\)/);
  });
});

/** Starts zsh on a terminal of its own, loads the script, types a line and a tab, and prints what then stands there. */
const ZSH_DRIVER = `zmodload zsh/zpty
zpty -b shell zsh -f -i
out=
await() {
  local chunk
  local -F limit=$((SECONDS + 20))
  while (( SECONDS < limit )); do
    if zpty -rt shell chunk; then out+=$chunk; else sleep 0.05; fi
    [[ $out == *$1* ]] && return 0
  done
  return 1
}
zpty -w shell 'autoload -Uz compinit && compinit -u -D; PS1=; stty cols 120; source <(berth completion zsh); echo RE""ADY'
await READY
out=
zpty -w -n shell "$1"$'\\t'
await "$2"
sleep 0.3
while zpty -rt shell chunk; do out+=$chunk; done
print -r -- "$out"
`;
