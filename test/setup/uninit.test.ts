import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planned } from "../support/sandbox.ts";
import { refs, refusal, team, working } from "../support/session.ts";

const ignore = { "README.md": "# Project\n", ".gitignore": "# ours\n*.log\nnode_modules/\n" };

test("[ASP-28] uninit takes out what init and the workspaces brought, and leaves the ledger and every branch", async () => {
  const at = await team({ files: ignore, settings: { workspace: { link: ["node_modules"] } } });
  const exclude = join(at.home, ".git/info/exclude");
  at.box.write(at.home, { "node_modules/a.js": "1\n" });
  const { id } = await working(at.berth, "Once");
  await at.berth.abandon({ id, reason: "enough" });
  const hub = refs(at.box);
  expect(readFileSync(exclude, "utf8")).toContain("/node_modules");
  const foretold = await at.berth.uninit({ dryRun: true });
  expect(existsSync(join(at.home, ".berth/config.yaml"))).toBe(true);
  const result = await at.berth.uninit({});
  expect(result).toEqual(foretold);
  expect(result.kept.join("\n")).toContain("berth/ledger on ");
  expect(refs(at.box)).toBe(hub);
  expect(readFileSync(join(at.home, ".gitignore"), "utf8")).toBe(ignore[".gitignore"]);
  expect(readFileSync(exclude, "utf8")).not.toMatch(/Berth|_AGENTS|\/node_modules/);
  for (const path of ["_AGENTS/sessions", ".berth", ".git/berth"])
    expect(existsSync(join(at.home, path)), path).toBe(false);
  expect(at.box.git(at.home, "worktree", "list").split("\n")).toHaveLength(1);
  expect(at.box.git(at.home, "status", "--porcelain")).toBe("");
  // And it can be set up again, with everything that was there.
  await (await at.box.open(at.home, "agent one")).init({});
  expect((await (await at.box.open(at.home)).list({ all: true })).sessions.map((s) => s.id)).toEqual([id]);
});

test("[INV-3] uninit refuses while there are workspaces, or edits in the linked worktree that nobody published", async () => {
  const at = await team();
  const { id, dir } = await working(at.berth, "At work");
  const held = await refusal(at.berth.uninit({}), "WOULD_LOSE_WORK");
  expect(held.message).toContain(dir);
  await at.berth.release({ id, reason: "later" });
  const draft = await planned(at.berth, "Edited");
  const plan = join(at.home, "_AGENTS/sessions/planned", draft, "SESSION.md");
  const text = readFileSync(plan, "utf8");
  at.box.write("/", { [plan]: `${text}\nMy thoughts.\n` });
  const edits = await refusal(at.berth.uninit({}), "WOULD_LOSE_WORK");
  expect(edits.message).toContain(`planned/${draft}/SESSION.md`);
  at.box.write("/", { [plan]: text, [join(plan, "../note.txt")]: "untracked\n" });
  expect((await refusal(at.berth.uninit({}), "WOULD_LOSE_WORK")).message).toContain("note.txt");
  at.box.git(join(plan, ".."), "add", "--all");
  at.box.git(join(plan, ".."), "commit", "--quiet", "--no-verify", "-m", "A note by hand");
  const commit = at.box.git(join(plan, ".."), "rev-parse", "HEAD");
  expect((await refusal(at.berth.uninit({}), "WOULD_LOSE_WORK")).message).toContain(commit);
  expect(existsSync(plan)).toBe(true);
});

test("[SIR-06] uninit keeps notes and session states, which no commit has", async () => {
  const { home, box } = await team();
  const berth = await box.open(home, "worker");
  await berth.setSession({ task: "Sign" });
  const { kept } = await berth.uninit({});
  expect(kept.join("\n")).toContain("brain (notes and session states, which are nowhere else)");
  expect(await (await box.open(home, "worker")).loadSession()).toMatchObject({ activeTask: "Sign" });
});
