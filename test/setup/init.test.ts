import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planned, sandbox } from "../support/sandbox.ts";
import { claimed, commit, listed, refs, refusal } from "../support/session.ts";

test("[ASP-28] init writes the manuals beside the folders, and a second one changes nothing", async () => {
  const box = sandbox();
  const home = box.clone("home");
  const berth = await box.open(home, "agent one");
  const first = await berth.init({});
  expect(first.created).toEqual([`berth/ledger on ${box.hub}`, ".berth/config.yaml", ".gitignore", "_AGENTS/sessions"]);
  const folders = ["abandoned", "active", "completed", "drafting", "planned"];
  const shown = ["SESSIONS-README.md", "SESSIONS-REFERENCE.md", "_bin", "_templates", ...folders, "sessions.lock"];
  expect(listed(box, "berth/ledger")).toEqual(expect.arrayContaining(shown));
  for (const name of shown) expect(existsSync(join(home, "_AGENTS/sessions", name)), name).toBe(true);
  const before = [refs(box), readFileSync(join(home, ".gitignore"), "utf8"), box.git(home, "status", "--porcelain")];
  const again = await (await box.open(home, "agent one")).init({});
  expect(again.created).toEqual([]);
  expect([refs(box), readFileSync(join(home, ".gitignore"), "utf8"), box.git(home, "status", "--porcelain")]).toEqual(
    before,
  );
  expect(box.git(home, "status", "--porcelain")).toBe("?? .berth/\n?? .gitignore");
});

test("[ASP-28] init from two clones at once makes one ledger, and both can use it", async () => {
  const box = sandbox();
  const clones = [box.clone("one"), box.clone("two"), box.clone("three")];
  const all = await Promise.all(clones.map((dir, n) => box.open(dir, `agent ${n}`)));
  const made = await Promise.all(all.map((berth) => berth.init({})));
  expect(made.map((m) => m.created.some((name) => name.startsWith("berth/ledger"))).filter(Boolean)).toHaveLength(1);
  expect(box.git(box.hub, "rev-list", "--count", "berth/ledger")).toBe("1");
  for (const [n, berth] of all.entries()) await claimed(berth, await planned(berth, `From clone ${n}`));
  expect((await all[0]?.list({ fetch: true }))?.sessions).toHaveLength(3);
});

test("init finds the branch that the hub calls its own", async () => {
  for (const branch of ["master", "release/1.x"]) {
    const box = sandbox();
    box.git(box.hub, "branch", "--quiet", "-m", "main", branch);
    box.git(box.hub, "symbolic-ref", "HEAD", `refs/heads/${branch}`);
    const home = box.clone("home");
    const result = await (await box.open(home, "agent one")).init({});
    expect([result.config.base, result.warnings], branch).toEqual([branch, []]);
    const berth = await box.open(home, "agent one");
    const id = await planned(berth, "On another base");
    const dir = await claimed(berth, id);
    commit(box, dir, `[${id}] feat: work`, { "work.txt": "work\n" });
    await berth.complete({ id, tick: ["all"] });
    expect(box.git(box.hub, "show", `${branch}:work.txt`)).toBe("work");
  }
});

test("another remote than origin is the hub when the settings say so; without them init says what it took", async () => {
  const box = sandbox();
  box.git(box.hub, "branch", "--quiet", "-m", "main", "trunk");
  box.git(box.hub, "symbolic-ref", "HEAD", "refs/heads/trunk");
  const home = box.clone("home");
  box.git(home, "remote", "rename", "origin", "upstream");
  const blind = await box.open(home, "agent one");
  await blind.config({ key: "remote", value: "upstream" });
  const result = await (await box.open(home, "agent one")).init({});
  expect(result.config).toMatchObject({ remote: "upstream", base: "trunk" });
  const berth = await box.open(home, "agent one");
  const id = await planned(berth, "Through upstream");
  const dir = await claimed(berth, id);
  commit(box, dir, `[${id}] feat: work`, { "work.txt": "work\n" });
  await berth.complete({ id, tick: ["all"] });
  expect(box.git(box.hub, "show", "trunk:work.txt")).toBe("work");
  const other = box.clone("other");
  box.git(other, "remote", "rename", "origin", "upstream");
  const alone = await (await box.open(other, "agent one")).init({});
  expect(alone.warnings.join("\n")).toContain("berth config remote upstream");
});

test("init refuses a hub that cannot be reached or takes no push to its checked-out branch, and writes nothing", async () => {
  const box = sandbox();
  const home = box.clone("home");
  box.git(home, "remote", "set-url", "origin", join(box.dir, "gone.git"));
  await refusal((await box.open(home, "agent one")).init({}), "HUB_UNREACHABLE");
  const checkedOut = join(box.dir, "checked-out");
  box.git(box.dir, "clone", "--quiet", box.hub, checkedOut);
  box.git(home, "remote", "set-url", "origin", checkedOut);
  const error = await refusal((await box.open(home, "agent one")).init({}), "HUB_REFUSED");
  expect(error.hint).toContain("receive.denyCurrentBranch=updateInstead");
  expect(box.git(home, "status", "--porcelain", "--ignored")).toBe("");
  expect(box.git(home, "for-each-ref", "refs/heads")).not.toContain("berth");
});
