import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { sandbox } from "../support/sandbox.ts";
import { commit, refs, refusal, team, working } from "../support/session.ts";

test("clones work where a path holds a percent sign, under a hub named by a file URL", async () => {
  const box = sandbox({ name: "100%41 #x" });
  const home = box.clone("home");
  box.git(home, "remote", "set-url", "origin", pathToFileURL(box.hub).href);
  await (await box.open(home, "agent one")).init({ workspace: { kind: "clone" } });
  const berth = await box.open(home, "agent one");
  expect(berth.project.hub.name).toBe(box.hub);
  const { id, dir } = await working(berth, "In a strange place");
  commit(box, dir, `[${id}] feat: work`, { "work.txt": "work\n" });
  await berth.land({ id });
  box.write(dir, { "loose.txt": "kept\n" });
  await berth.release({ id, reason: "Later." });
  const kept = box.git(home, "for-each-ref", "--format=%(refname)", `refs/berth/checkpoints/${id}/`);
  expect(box.git(home, "show", `${kept}:loose.txt`)).toBe("kept");
  expect(box.git(box.hub, "show", "main:work.txt")).toBe("work");
});

test("a hub named by a relative path is the origin of clones as well", async () => {
  const box = sandbox();
  const home = box.clone("home");
  box.git(home, "remote", "set-url", "origin", "../hub.git");
  await (await box.open(home, "agent one")).init({ workspace: { kind: "clone" } });
  const berth = await box.open(home, "agent one");
  expect(berth.project.hub.name).toBe(box.hub);
  const { dir } = await working(berth, "Beside its parent");
  expect(box.git(dir, "remote", "get-url", "origin")).toBe(box.hub);
  box.git(dir, "fetch", "--quiet", "origin", "main");
});

test("a setup that leaves a process running is not waited for, and its words are in the log", async () => {
  const { berth } = await team({ settings: { workspace: { setup: "sleep 25 & echo ready; exit 3" } } });
  const started = Date.now();
  const { id } = await working(berth, "With a server");
  expect(Date.now() - started).toBeLessThan(20_000);
  const log = join(berth.project.repository.commonDir, "worktrees", id, "berth-setup.log");
  expect(readFileSync(log, "utf8")).toBe("ready\n");
});

test("nothing is published to an address that others do not read", async () => {
  const { box, home } = await team();
  const other = join(box.dir, "other.git");
  box.git(box.dir, "clone", "--quiet", "--bare", box.hub, other);
  box.git(home, "remote", "set-url", "--push", "origin", other);
  const berth = await box.open(home, "agent one");
  const before = refs(box);
  const draft = berth.draft({ title: "Unseen", context: "It is needed.", criteria: ["It works"] });
  const error = await refusal(draft, "HUB_REFUSED");
  expect(error.message).toContain(`pushed to ${other}`);
  const found = (await berth.doctor({})).checks.find((check) => check.name === "hub-push");
  expect(found).toMatchObject({ ok: false });
  expect([refs(box), box.git(other, "branch", "--list", "berth/*")]).toEqual([before, "  berth/ledger"]);
});

test("one hub under two protocols is one hub", async () => {
  const { box, home } = await team();
  box.git(home, "remote", "set-url", "--push", "origin", pathToFileURL(box.hub).href);
  await working(await box.open(home, "agent one"), "By another way");
  box.git(home, "config", "remote.origin.url", "https://example.org/a/b");
  box.git(home, "config", "remote.origin.pushurl", "git@example.org:a/b.git");
  const { remoteAddress } = await import("../../src/git/remote-address.ts");
  const { git } = (await box.open(home, "agent one")).project;
  expect(await remoteAddress(git, "origin")).toMatchObject({ split: null, local: null });
});

test("a repository whose path holds a line end is refused by name", async () => {
  const box = sandbox();
  const odd = join(box.dir, "two\nlines");
  mkdirSync(odd);
  box.git(odd, "init", "--quiet");
  expect((await refusal(box.open(odd), "INVALID")).message).toContain("line end");
  expect(existsSync(join(odd, ".berth"))).toBe(false);
});
