import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { Sandbox } from "../support/sandbox.ts";
import { CENTRAL } from "../support/contexts.ts";
import { refusal, team, working } from "../support/session.ts";

const FILE = "docs/session-context/ACTIVE_SESSION.md";

/** A hook that notes that it ran. */
function teamHook(file: string, note: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho ran >> '${note}'\n`);
  chmodSync(file, 0o755);
}

function commits(box: Sandbox, home: string, text: string, message = "docs: context"): () => void {
  return () => {
    box.write(home, { [FILE]: text });
    box.git(home, "add", "--all");
    box.git(home, "commit", "--quiet", "-m", message);
  };
}

for (const husky of [false, true])
  test(`[CTX-16] the hooks stand beside a team's own in ${husky ? "a folder of its settings" : ".git/hooks"}, and go without a trace`, async () => {
    const { box, home, berth } = await team({ remote: false });
    const note = join(box.dir, "note");
    teamHook(join(home, husky ? ".husky/pre-commit" : ".git/hooks/pre-commit"), note);
    if (husky) box.git(home, "config", "core.hooksPath", ".husky");
    const before = readFileSync(join(home, ".git", "config"), "utf8");
    expect(await berth.installHooks({ dryRun: true })).toMatchObject({ installed: false });
    expect(await berth.hooksState({})).toMatchObject({ installed: false });
    for (const _ of [1, 2]) expect(await berth.installHooks({})).toMatchObject({ installed: true });
    expect(await berth.hooksState({})).toMatchObject({ installed: true });
    commits(box, home, CENTRAL)();
    expect(readFileSync(note, "utf8")).toBe("ran\n");
    expect(commits(box, home, CENTRAL.replace("mode: build", "mode: cook"))).toThrow(/mode: found "cook"/);
    expect(commits(box, home, CENTRAL.slice(0, 100))).toThrow(/never closed/);
    expect(commits(box, home, "We log in.\n")).not.toThrow();
    expect(await berth.uninstallHooks({})).toMatchObject({ installed: false });
    expect(readFileSync(join(home, ".git", "config"), "utf8").replaceAll(/\[berth\]\n/g, "")).toBe(before);
    expect(commits(box, home, CENTRAL.slice(0, 100))).not.toThrow();
    expect(readFileSync(note, "utf8")).toBe("ran\nran\nran\n");
    expect(await berth.uninstallHooks({})).toMatchObject({ installed: false });
  });

test("[CTX-16] commit messages are judged by the project's own rule, and in a workspace by that of its session alone", async () => {
  const { box, home, berth } = await team({ settings: { context: { commits: "^[A-Z]+-\\d+ " } } });
  const note = join(box.dir, "note");
  teamHook(join(home, ".git/hooks/pre-commit"), note);
  await berth.installHooks({});
  expect(commits(box, home, CENTRAL, "context")).toThrow(/does not match/);
  expect(commits(box, home, CENTRAL, "ABC-1 context")).not.toThrow();
  const noted = readFileSync(note, "utf8").length;
  const { id, dir } = await working(berth, "Hooked");
  box.write(dir, { "src/c.txt": "new\n" });
  box.git(dir, "add", "--all");
  box.git(dir, "commit", "--quiet", "-m", `[${id}] feat: c`);
  expect(readFileSync(note, "utf8")).toHaveLength(noted + "ran\n".length);
});

test("[CTX-16] hooks that somebody set since are not touched, and uninit takes Berth's away", async () => {
  const { box, home, berth } = await team({ remote: false });
  await berth.installHooks({});
  box.git(home, "config", "core.hooksPath", ".other");
  await refusal(berth.uninstallHooks({}), "WRONG_STATE");
  expect(box.git(home, "config", "core.hooksPath")).toBe(".other");
  await berth.installHooks({});
  expect(await berth.hooksState({})).toMatchObject({ installed: true, team: ".other" });
  await berth.uninit({});
  expect(box.git(home, "config", "core.hooksPath")).toBe(".other");
  expect(existsSync(join(home, ".git", "berth"))).toBe(false);
});
