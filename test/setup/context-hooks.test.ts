import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { Sandbox } from "../support/sandbox.ts";
import { CENTRAL } from "../support/contexts.ts";
import { refusal, team, working } from "../support/session.ts";
import { opened } from "../support/tickets.ts";

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
    expect(commits(box, home, "We log in.\n")).toThrow(/found prose/);
    expect(commits(box, home, `${CENTRAL}\n`)).not.toThrow();
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

test("[CTX-16] [CTX-18] an old form goes on in its form; what was valid is not replaced by what is not, nor by what is no text", async () => {
  const { box, home, berth } = await team({ remote: false });
  await berth.installHooks({});
  expect(commits(box, home, "We log in.\n")).not.toThrow();
  expect(commits(box, home, "We log out.\n")).not.toThrow();
  expect(commits(box, home, CENTRAL)).not.toThrow();
  expect(commits(box, home, "garbage\n")).toThrow(/ACTIVE_SESSION\.md:1:1: found prose/);
  expect(commits(box, home, '{"mode": "cook"}\n')).toThrow(/session_id: found nothing/);
  box.write(home, { [FILE]: CENTRAL });
  appendFileSync(join(home, FILE), Buffer.of(0xff));
  box.git(home, "add", "--all");
  expect(() => box.git(home, "commit", "--quiet", "-m", "bytes")).toThrow(
    /ACTIVE_SESSION\.md:1:1: this is no UTF-8 text/,
  );
  expect((await berth.contextValidate({})).files).toMatchObject([
    { file: FILE, valid: false, problems: [{ message: `${FILE} is no UTF-8 text.` }] },
  ]);
});

test("[CTX-16] [TKT-01] the context of a ticket or of a session is not taken away in its workspace", async () => {
  const { box, berth } = await team();
  const ticket = await opened(berth);
  const { dir } = await working(berth, "Hooked");
  for (const [where, file] of [
    [ticket.dir, "tickets/training_142/ACTIVE_SESSION.md"],
    [dir, ".session/ACTIVE_SESSION.md"],
  ] as const) {
    box.git(where, "rm", "--quiet", file);
    box.write(where, { "src/c.txt": "c\n" });
    box.git(where, "add", "--all");
    expect(() => box.git(where, "commit", "--quiet", "-m", "gone")).toThrow(/ACTIVE_SESSION\.md:1:1: the /);
  }
});

test("[CTX-16] where other hooks would hold all the same they are not called installed, and nothing is changed", async () => {
  const { box, home, berth } = await team({ remote: false });
  const config = (): string => readFileSync(join(home, ".git", "config"), "utf8");
  const refused = async (words: RegExp): Promise<void> => {
    const before = config();
    expect((await refusal(berth.installHooks({}), "WRONG_STATE")).message).toMatch(words);
    expect(config()).toBe(before);
  };
  for (const value of [".one", ".two"]) box.git(home, "config", "--add", "core.hooksPath", value);
  await refused(/has 2 values/);
  box.git(home, "config", "--unset-all", "core.hooksPath");
  box.write(home, { ".gitsettings": "[core]\n\thooksPath = .husky\n" });
  box.git(home, "config", "include.path", "../.gitsettings");
  await refused(/\.husky by .*\.gitsettings/);
  box.git(home, "config", "--unset", "include.path");
  await berth.installHooks({});
  box.git(home, "config", "extensions.worktreeConfig", "true");
  box.git(home, "config", "--worktree", "core.hooksPath", "mine");
  expect(await berth.hooksState({})).toMatchObject({ installed: false });
  await refused(/mine by .*config\.worktree/);
  box.git(home, "config", "--worktree", "--unset", "core.hooksPath");
  expect(await berth.hooksState({})).toMatchObject({ installed: true });
});
