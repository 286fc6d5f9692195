import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { CENTRAL } from "../support/contexts.ts";
import { commit, refusal, team } from "../support/session.ts";
import type { Sandbox } from "../support/sandbox.ts";

const context = (status: string, more = ""): string =>
  CENTRAL.replace("status: active", `status: ${status}`).replace("blockers: []", more || "blockers: []");
const file = (name: string): string => `tickets/${name}/ACTIVE_SESSION.md`;

/** Every ticket with its status and branches. */
async function shown(berth: Berth, query: Parameters<Berth["ticketList"]>[0] = {}): Promise<string[]> {
  const { tickets } = await berth.ticketList(query);
  return tickets.map(({ ticket, status, branches, diverged }) =>
    [ticket, status, branches.join("+"), ...(diverged ? ["apart"] : [])].join(" "),
  );
}

/** Commits files on a branch that begins somewhere. */
function on(box: Sandbox, home: string, branch: string, from: string, files: Readonly<Record<string, string>>): void {
  if (from === "") box.git(home, "switch", "--quiet", branch);
  else box.git(home, "switch", "--quiet", "-c", branch, from);
  commit(box, home, `Work on ${branch}`, files);
  box.git(home, "switch", "--quiet", "main");
}

test("[TKT-08] tickets of all branches are found without a checkout, by what their files say", async () => {
  const { box, home, berth } = await team({ remote: false });
  commit(box, home, "Tickets", {
    [file("training_1")]: context("active", "blockers:\n  - The SERVER is away"),
    "tickets/training_1/ticket.yml":
      "ticket: training_1\nissue_id: 1\ntitle: One\nphase: training\nstatus: InProgress\n",
    "tickets/training_1/checklist.md": "# List\n\n- [x] a *\n- [ ] b\n",
    [file("scope_2")]: context("Done").replace("mode: build", "mode: scope").replace("phase: training\n", ""),
    "tickets/README.md": "No ticket\n",
    "tickets/Other/x.md": "No ticket\n",
  });
  on(box, home, "phase/training_3", "main", {
    [file("training_3")]: context("blocked").replace("Write the test", 'Ask "them"\tagain'),
  });
  expect(await shown(berth)).toEqual([
    "scope_2 Done main",
    "training_1 InProgress main",
    "training_3 blocked phase/training_3",
  ]);
  const { tickets } = await berth.ticketList({
    issue: "1",
    phase: "training",
    mode: "build",
    agent: "lab",
    priority: "now",
  });
  expect(tickets).toMatchObject([
    {
      ticket: "training_1",
      title: "One",
      operator: "ada",
      checklist: { done: 1, total: 2 },
      problem: null,
      blockers: ["The SERVER is away"],
    },
  ]);
  const found = async (query: Parameters<Berth["ticketList"]>[0]): Promise<string[]> =>
    (await berth.ticketList(query)).tickets.map(({ ticket }) => ticket);
  expect(await found({ statuses: ["in progress", "completed"] })).toEqual(["scope_2", "training_1"]);
  expect(await found({ blocker: "server" })).toEqual(["training_1"]);
  expect(await found({ blocker: "" })).toEqual(["training_1"]);
  expect(await found({ todo: 'ask "THEM"' })).toEqual(["training_3"]);
  expect(await found({ todo: "write", todoStatus: "In Progress" })).toEqual(["scope_2", "training_1"]);
  expect(await found({ todoStatus: "done" })).toEqual([]);
  expect(await found({ phase: "scope" })).toEqual(["scope_2"]);
  await refusal(berth.ticketList({ todoStatus: "huge" }), "USAGE");
});

test("[TKT-08] of a ticket's versions the newest by ancestry counts, and those that are apart are both there", async () => {
  const { box, home, berth } = await team({ remote: false });
  commit(
    box,
    home,
    "Tickets",
    Object.fromEntries(["a_1", "a_2", "a_3", "a_4"].map((name) => [file(name), context("open")])),
  );
  // The branch is ahead, and later behind, though both have commits of their own.
  on(box, home, "ahead", "main", { [file("a_1")]: context("active") });
  on(box, home, "apart", "main", { [file("a_3")]: context("blocked") });
  on(box, home, "further", "ahead", { [file("a_1")]: context("blocked") });
  expect(await shown(berth)).toEqual(["a_1 blocked further", "a_2 open main", "a_3 blocked apart", "a_4 open main"]);
  commit(box, home, "On the base", { [file("a_2")]: context("done"), [file("a_3")]: context("done") });
  expect(await shown(berth)).toEqual([
    "a_1 blocked further",
    "a_2 done main",
    "a_3 done main apart",
    "a_3 blocked apart apart",
    "a_4 open main",
  ]);
  // Landed as a squash, which has no commit in common, and gone on from.
  box.git(home, "checkout", "--quiet", "further", "--", file("a_1"));
  box.git(home, "commit", "--quiet", "-m", "Squash");
  commit(box, home, "Go on", { [file("a_1")]: context("done") });
  expect((await shown(berth))[0]).toBe("a_1 done main");
  // Decided by a merge.
  box.git(home, "merge", "--quiet", "-s", "ours", "-m", "Merge", "apart");
  expect(await shown(berth)).toEqual(["a_1 done main", "a_2 done main", "a_3 done main", "a_4 open main"]);
  const memory = await shown(await box.open(home));
  rmSync(join(home, ".git", "berth", "cache"), { recursive: true });
  expect(await shown(berth)).toEqual(memory);
});

test("[TKT-08] after any commits, merges and resets what is remembered says the same as what is found anew", async () => {
  const { box, home, berth } = await team({ remote: false });
  commit(box, home, "Tickets", Object.fromEntries(["a_1", "a_2"].map((name) => [file(name), context("open")])));
  for (const name of ["b", "c"]) box.git(home, "branch", "--quiet", name);
  const branch = fc.constantFrom("main", "b", "c");
  const deed = fc.record({
    what: fc.constantFrom("commit", "commit", "commit", "merge", "reset"),
    branch,
    other: branch,
    n: fc.integer({ min: 1, max: 4 }),
  });
  let round = 0;
  const run = async ({
    what,
    branch: on,
    other,
    n,
  }: {
    what: string;
    branch: string;
    other: string;
    n: number;
  }): Promise<void> => {
    box.git(home, "switch", "--quiet", on);
    round += 1;
    if (what === "commit") commit(box, home, `Round ${round}`, { [file(`a_${n}`)]: context(`state ${round}`) });
    else if (what === "merge")
      box.git(home, "merge", "--quiet", "-X", n % 2 ? "ours" : "theirs", "-m", `Round ${round}`, other);
    else box.git(home, "reset", "--quiet", "--hard", other);
    const remembered = await shown(berth);
    rmSync(join(home, ".git", "berth", "cache", "tickets"));
    expect(await shown(berth)).toEqual(remembered);
  };
  const deeds = fc.sample(deed, { numRuns: 40 });
  for (const one of deeds) await run(one);
});

test("[TKT-08] branches of the hub count as last fetched, and work trees on no branch", async () => {
  const { box, home, berth } = await team();
  const other = box.clone("other");
  commit(box, other, "Tickets", { [file("a_1")]: context("open") });
  box.git(other, "push", "--quiet", "origin", "main");
  on(box, other, "phase/a_1", "main", { [file("a_1")]: context("active") });
  box.git(other, "push", "--quiet", "origin", "phase/a_1");
  expect(await shown(berth)).toEqual([]);
  expect(await shown(berth, { fetch: true })).toEqual(["a_1 active origin/phase/a_1"]);
  box.git(home, "worktree", "add", "--quiet", "--detach", join(box.dir, "loose"), "origin/phase/a_1");
  commit(box, join(box.dir, "loose"), "Loose", { [file("a_1")]: context("blocked") });
  expect(await shown(berth)).toEqual(["a_1 blocked worktree loose"]);
});

test("[TKT-08] damage in a ticket is told, and hides no other", async () => {
  const { box, home, berth } = await team({ remote: false });
  commit(box, home, "Tickets", {
    [file("a_1")]: "---\nmode: [build\n---\n",
    "tickets/a_2/ticket.yml": "a: &x 1\n",
    "tickets/a_3/notes.md": "x",
    [file("a_4")]: context("open"),
  });
  const { tickets } = await berth.ticketList({});
  expect(tickets.map(({ ticket, problem }) => [ticket, problem?.slice(0, 30) ?? null])).toEqual([
    ["a_1", "ACTIVE_SESSION.md:3:1: Flow se"],
    ["a_2", "ticket.yml:1:4: an anchor (&x)"],
    ["a_3", "neither ACTIVE_SESSION.md nor "],
    ["a_4", null],
  ]);
});

test("[TKT-08] what is remembered may be cut off, spoilt or written by two at once, and old objects may go", async () => {
  const { box, home, berth } = await team({ remote: false });
  commit(box, home, "Tickets", { [file("a_1")]: context("open"), [file("a_2")]: context("open") });
  on(box, home, "b", "main", { [file("a_2")]: context("active") });
  const before = await shown(berth);
  const cache = join(home, ".git", "berth", "cache");
  for (const name of ["tickets", "tickets-changed"]) {
    const path = join(cache, name);
    const whole = readFileSync(path);
    for (const spoil of [
      (): void => truncateSync(path, Math.floor(whole.length / 2)),
      (): void => truncateSync(path, 0),
      (): void => rmSync(path),
      (): void => writeFileSync(path, whole.toString("utf8").replace("open", "done")),
    ]) {
      spoil();
      expect(await shown(berth)).toEqual(before);
      expect(readFileSync(path).length).toBeGreaterThan(50);
    }
  }
  const others = await Promise.all([1, 2, 3, 4].map(async () => shown(await box.open(home))));
  expect(others).toEqual([before, before, before, before]);
  // Everything of before is gone, the folder that others were compared with too.
  box.git(home, "branch", "--quiet", "-D", "b");
  box.git(home, "checkout", "--quiet", "--orphan", "anew");
  commit(box, home, "Anew", { [file("a_1")]: context("blocked") });
  box.git(home, "branch", "--quiet", "-M", "anew", "main");
  box.git(home, "reflog", "expire", "--expire=now", "--all");
  box.git(home, "gc", "--quiet", "--prune=now");
  expect(await shown(await box.open(home))).toEqual(["a_1 blocked main", "a_2 open main"]);
  expect(readdirSync(join(home, ".git", "berth", "tmp"))).toEqual([]);
});

test("[TKT-08] a word that neither the settings nor any ticket knows is refused, and is no empty answer", async () => {
  const { box, home, berth } = await team({ remote: false });
  commit(box, home, "Tickets", {
    [file("train_1")]: context("Paused").replace("phase: training", "phase: train"),
    "tickets/train_1/ticket.yml": "ticket: train_1\nissue_id: 1\ntitle: One\nphase: train\nstatus: Paused\n",
  });
  for (const query of [{ statuses: ["active", "foo"] }, { phase: "nope" }, { mode: "cook" }, { agent: "nobody" }]) {
    const error = await refusal(berth.ticketList(query), "USAGE");
    expect(error.message).toMatch(/^(?:foo|nope|cook|nobody) is no (?:status|phase|mode|agent) of a ticket\.$/);
    expect(error.hint).toMatch(/^One of /);
  }
  expect((await refusal(berth.ticketList({ priority: "xyz" }), "USAGE")).hint).toBe("One of now, next, future.");
  expect(await shown(berth, { phase: "train", statuses: ["done"] })).toEqual([]);
  expect(await shown(berth, { phase: "train", statuses: ["paused"] })).toEqual(["train_1 Paused main"]);
  expect(await shown(berth, { phase: "training", statuses: ["Not started"] })).toEqual([]);
});
