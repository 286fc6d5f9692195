import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CENTRAL } from "../support/contexts.ts";
import { TICKET, WILD } from "../support/legacy.ts";
import { planned, type Sandbox } from "../support/sandbox.ts";
import { claimed, commit, refusal, team, working } from "../support/session.ts";

const FILE = "docs/session-context/ACTIVE_SESSION.md";

/** Everything a commit holds but the manifests. */
function tree(box: Sandbox, home: string): string[] {
  const lines = box.git(home, "ls-tree", "-r", "HEAD").split("\n");
  return lines.filter((line) => !line.includes("_migrations/"));
}

test("[TKT-10] in a workspace a ticket becomes the context of its session, and comes back", async () => {
  const { box, home, berth } = await team();
  box.git(home, "add", "--all");
  commit(box, home, "Tickets", {
    "tickets/training_142/ACTIVE_SESSION.md": CENTRAL,
    "tickets/training_142/ticket.yml": "ticket: training_142\n",
  });
  box.git(home, "push", "-q", "origin", "main");
  for (const workspace of ["worktree", "clone"] as const) {
    const id = await planned(berth, `Log in with a ${workspace}`);
    const dir = await claimed(berth, id, { workspace });
    rmSync(join(dir, ".session/ACTIVE_SESSION.md"), { force: true });
    box.git(dir, "add", "--all");
    box.git(dir, "commit", "-q", "--no-verify", "--allow-empty", "-m", "No context yet");
    const before = tree(box, dir);
    const inside = await box.open(dir, "agent one");
    const there = await inside.migrate({ to: "sessions" });
    expect(there.plan).toMatchObject([{ action: "convert", to: [".session/ACTIVE_SESSION.md"] }]);
    expect(box.git(dir, "log", "-1", "--format=%s")).toBe(
      `[${id}] chore: move session contexts to the sessions layout`,
    );
    expect((await inside.contextShow({})).context).toMatchObject({ ticket: { ticket: "training_142" } });
    const back = await inside.migrate({ to: "tickets" });
    expect(back.plan).toMatchObject([{ action: "restore" }]);
    expect(tree(box, dir)).toEqual(before);
    expect(box.git(dir, "status", "--porcelain")).toBe("");
  }
  await refusal(berth.migrate({ to: "sessions" }), "WRONG_STATE");
});

test("[TKT-10] what the session of a workspace has already comes first, and both are apart again on the way back", async () => {
  const { box, home, berth } = await team();
  box.git(home, "add", "--all");
  const ticket = { "tickets/scope_7/ACTIVE_SESSION.md": CENTRAL, "tickets/scope_7/ticket.yml": TICKET };
  commit(box, home, "Tickets", { ...ticket, "tickets/scope_8/ACTIVE_SESSION.md": CENTRAL });
  box.git(home, "push", "-q", "origin", "main");
  const { dir } = await working(berth, "Log in");
  const own = CENTRAL.replaceAll("142", "9").replace("Tokens, not cookies", "Cookies");
  commit(box, dir, "Its own", { ".session/ACTIVE_SESSION.md": own });
  const before = tree(box, dir);
  const inside = await box.open(dir, "agent one");
  expect((await inside.migrate({ to: "sessions" })).run).toBeNull();
  const there = await inside.migrate({ to: "sessions", only: ["scope_7"] });
  expect(there.plan).toMatchObject([{ action: "convert", to: [".session/ACTIVE_SESSION.md"] }]);
  const text = readFileSync(join(dir, ".session/ACTIVE_SESSION.md"), "utf8");
  expect(text).toContain("  - Cookies\n");
  expect(text).toContain(`<!-- from tickets/scope_7/ACTIVE_SESSION.md -->\n\n${CENTRAL}`);
  const after = tree(box, dir);
  const back = await inside.migrate({ to: "tickets" });
  expect(back.plan).toMatchObject([{ action: "restore" }]);
  expect(tree(box, dir)).toEqual(before);
  await inside.migrate({ rollback: back.run ?? "" });
  expect(tree(box, dir)).toEqual(after);
});

test("[TKT-10] a session that moved contexts lands, and they are on the base branch", async () => {
  const { box, home, berth } = await team();
  box.git(home, "add", "--all");
  commit(box, home, "Legacy", { [FILE]: WILD });
  box.git(home, "push", "-q", "origin", "main");
  const { id, dir } = await working(berth, "Move the contexts");
  const inside = await box.open(dir, "agent one");
  commit(box, dir, `[${id}] docs: its own`, { ".session/ACTIVE_SESSION.md": CENTRAL });
  const done = await inside.migrate({ to: "tickets" });
  // The context of the session at work is not meant unless it is named.
  expect(done.plan.map(({ action, from }) => [action, from[0]])).toEqual([
    ["convert", FILE],
    ["stay", ".session/ACTIVE_SESSION.md"],
  ]);
  await inside.land({});
  box.git(home, "pull", "-q", "--ff-only", "origin", "main");
  expect(readFileSync(join(home, "tickets/enablement_142/ACTIVE_SESSION.md"), "utf8")).toContain(
    "issue_number: 142 # the login",
  );
  const back = await berth.migrate({ rollback: done.run ?? "" });
  expect(back.warnings).toEqual([]);
  expect(readFileSync(join(home, FILE), "utf8")).toBe(WILD);
  expect(id).toContain("move-the-contexts");
});

test("[TKT-10] the central context becomes that of a session, which becomes a ticket, and all the way back", async () => {
  const { box, home, berth } = await team();
  box.git(home, "add", "--all");
  commit(box, home, "Central", { [FILE]: WILD });
  box.git(home, "push", "-q", "origin", "main");
  const { dir } = await working(berth, "Log in");
  rmSync(join(dir, ".session/ACTIVE_SESSION.md"), { force: true });
  box.git(dir, "add", "--all");
  box.git(dir, "commit", "-q", "--no-verify", "--allow-empty", "-m", "No context yet");
  const inside = await box.open(dir, "agent one");
  const states = [tree(box, dir)];
  for (const to of ["sessions", "tickets", "sessions", "central"] as const) {
    const { plan } = await inside.migrate({ to, ...(to === "tickets" ? { from: [".session"] } : {}) });
    expect(plan, to).toHaveLength(1);
    states.push(tree(box, dir));
  }
  expect(states[3]).toEqual(states[1]);
  expect(states[4]).toEqual(states[0]);
  expect(readFileSync(join(dir, FILE), "utf8")).toBe(WILD);
});
