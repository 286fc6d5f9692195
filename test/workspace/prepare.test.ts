import { existsSync, lstatSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { planned } from "../support/sandbox.ts";
import { claimed, commit, team, working } from "../support/session.ts";

const files = {
  "README.md": "# Project\n",
  ".gitignore": ".env*\nnode_modules/\ndata/\nsecret/\n*.log\n",
  ".worktreeinclude": "# what a workspace needs\n.env\ndata/*.json\n!data/big.json\nREADME.md\nplain.txt\n",
};
const local = {
  ".env": "KEY=1\n",
  ".env.local": "KEY=2\n",
  "data/small.json": "{}\n",
  "data/big.json": "[]\n",
  "node_modules/pkg/index.js": "export {};\n",
  "plain.txt": "untracked, not ignored\n",
};

test("a workspace gets the ignored files that .worktreeinclude and the settings name, copied or linked, and nothing else", async () => {
  const at = await team({ files, settings: { workspace: { copy: [".env.local"], link: ["node_modules"] } } });
  at.box.write(at.home, local);
  const { id, dir } = await working(at.berth, "Ready to run");
  expect(readFileSync(join(dir, ".env"), "utf8")).toBe("KEY=1\n");
  expect(readFileSync(join(dir, ".env.local"), "utf8")).toBe("KEY=2\n");
  expect(lstatSync(join(dir, ".env")).isSymbolicLink()).toBe(false);
  expect(existsSync(join(dir, "data/small.json"))).toBe(true);
  expect(existsSync(join(dir, "data/big.json"))).toBe(false);
  // A file that git does not ignore would become part of the work.
  expect(existsSync(join(dir, "plain.txt"))).toBe(false);
  expect(realpathSync(join(dir, "node_modules/pkg/index.js"))).toBe(join(at.home, "node_modules/pkg/index.js"));
  expect(at.box.git(dir, "status", "--porcelain")).toBe("");
  // What Berth brought does not keep the workspace, and what it linked to stays.
  expect(await at.berth.abandon({ id, reason: "done" })).toMatchObject({ workspaceRemoved: true });
  expect(existsSync(join(at.home, "node_modules/pkg/index.js"))).toBe(true);
});

test("setup runs in the workspace with its session's variables, and its output is in a log file", async () => {
  const setup = 'printf "%s %s" "$BERTH_SESSION" "$BERTH_PORT" > made.log; echo to the log; echo and this >&2';
  const at = await team({ files, settings: { workspace: { setup } } });
  const seen: string[] = [];
  const berth = await at.box.open(at.home, "agent one", { progress: (s) => void seen.push(`${s.name} ${s.detail}`) });
  const { id, dir } = await working(berth, "Set up");
  expect(readFileSync(join(dir, "made.log"), "utf8")).toBe(`${id} 20000`);
  const log = join(at.box.git(dir, "rev-parse", "--path-format=absolute", "--git-dir"), "berth-setup.log");
  expect(readFileSync(log, "utf8").split("\n").toSorted()).toEqual(["", "and this", "to the log"]);
  expect(seen).toContain(`workspace.prepared setup: ${setup}`);
  // An ignored file that setup made is Berth's to remove; one that was changed since is not.
  at.box.write(dir, { "made.log": "mine now\n" });
  const kept = await berth.abandon({ id, reason: "done" });
  expect(kept).toMatchObject({ workspaceRemoved: false });
  expect(JSON.stringify(kept)).toContain("ignored files that Berth did not make: made.log");
});

test("a setup that fails is a warning with its exit code, last words and log, and the claim stands", async () => {
  const at = await team({ settings: { workspace: { setup: "echo no network >&2; exit 7" } } });
  const id = await planned(at.berth, "Broken setup");
  const result = await at.berth.claim({ id });
  if (!("workspace" in result)) throw new Error("not claimed");
  const warning = result.warnings.find((w) => w.startsWith("setup failed"));
  expect(warning).toContain("setup failed (exit 7)");
  expect(warning).toContain("Last words: no network");
  expect(readFileSync(/output is in (\S+)\./.exec(warning ?? "")?.[1] ?? "", "utf8")).toBe("no network\n");
  expect(await at.berth.show({ id })).toMatchObject({ session: { state: "active", agent: "agent one" } });
  expect(existsSync(join(result.workspace?.path ?? "", ".session/SESSION.md"))).toBe(true);
});

test("workspaces that are claimed at once have port ranges of their own", async () => {
  const at = await team({ settings: { workspace: { ports: { from: 30_000, size: 10 } } } });
  const ids: string[] = [];
  for (const n of [1, 2, 3, 4]) ids.push(await planned(at.berth, `Port ${n}`));
  const dirs = await Promise.all(ids.map(async (id, n) => claimed(await at.box.open(at.home, `agent ${n}`), id)));
  const ports = dirs.map((dir) =>
    Number(/BERTH_PORT='?(\d+)/.exec(readFileSync(join(dir, ".session/.session-env"), "utf8"))?.[1]),
  );
  expect(ports.toSorted((a, b) => a - b)).toEqual([30_000, 30_010, 30_020, 30_030]);
});

test("nothing is copied through a symbolic link that leads out of the workspace, not even a folder is made there", async () => {
  const at = await team({ files });
  const outside = join(dirname(at.home), "outside");
  at.box.write(outside, { "keep.txt": "theirs\n" });
  at.box.write(at.home, { "data/in/deep.json": "{}\n", ".worktreeinclude": "data/**\n" });
  // The base branch has a link where the main checkout, which is behind it, has a folder of ignored files.
  const other = at.box.clone("other");
  symlinkSync(outside, join(other, "data"));
  at.box.git(other, "add", "--force", "data");
  commit(at.box, other, "Link the data");
  at.box.git(other, "push", "--quiet");
  const id = await planned(at.berth, "Escape");
  const result = await at.berth.claim({ id });
  expect(result.warnings.join("\n")).toContain(
    "data/in/deep.json was not copied: its folder is no folder in the workspace (data)",
  );
  expect(existsSync(join(outside, "in"))).toBe(false);
  expect(existsSync(join(outside, "keep.txt"))).toBe(true);
});
