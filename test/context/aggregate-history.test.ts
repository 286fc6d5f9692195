import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { CENTRAL } from "../support/contexts.ts";
import { commit, team } from "../support/session.ts";

const FILE = "tickets/a_1/ACTIVE_SESSION.md";
const context = (status: string): string => CENTRAL.replace("status: active", `status: ${status}`);

/** Every ticket with its status and branches. */
async function shown(berth: Berth): Promise<string[]> {
  const { tickets } = await berth.ticketList({});
  return tickets.map(({ status, branches, diverged }) => `${status} ${branches.join("+")}${diverged ? " apart" : ""}`);
}

test("[TKT-08] in a shallow clone a doubtful answer says so, and the whole history gives the right one", async () => {
  const { box, home } = await team({ remote: false });
  commit(box, home, "Ticket", { [FILE]: context("open") });
  box.git(home, "switch", "--quiet", "-c", "work");
  commit(box, home, "Work", { [FILE]: context("active") });
  box.git(home, "switch", "--quiet", "main");
  box.git(home, "commit", "--quiet", "--allow-empty", "--no-verify", "-m", "Another");
  const from = pathToFileURL(home).href;
  const clone = join(box.dir, "shallow");
  box.git(box.dir, "clone", "--quiet", "--depth", "1", "--no-single-branch", from, clone);
  const berth = await box.open(clone);
  expect(await shown(berth)).toHaveLength(2);
  expect((await berth.ticketList({})).warnings).toEqual([expect.stringContaining("git fetch --unshallow") as string]);
  // From what is remembered too.
  expect((await (await box.open(clone)).ticketList({})).warnings).toHaveLength(1);
  box.git(clone, "fetch", "--quiet", "--unshallow");
  expect(await shown(await box.open(clone))).toEqual(["active origin/work"]);
  expect((await berth.ticketList({})).warnings).toEqual([]);
});

test("[TKT-08] a version that landed by squash is older, however many commits and changes came after it", async () => {
  const { box, home } = await team({ remote: false });
  commit(box, home, "Ticket", { [FILE]: context("open") });
  const tickets = (more: Readonly<Record<string, string>>): void => void commit(box, home, "Main", more);
  for (const name of ["landed", "reverted", "apart"]) {
    box.git(home, "switch", "--quiet", "-c", name, "main");
    // What stood on the base before a branch began has not landed: there it is a change like any other.
    const status = name === "reverted" ? "open" : name;
    if (name === "reverted") {
      box.git(home, "switch", "--quiet", "main");
      tickets({ [FILE]: context("active") });
      box.git(home, "switch", "--quiet", "-C", name, "main");
    }
    commit(box, home, `Work on ${name}`, { [FILE]: context(status) });
    box.git(home, "switch", "--quiet", "main");
  }
  tickets({ [FILE]: context("landed") });
  tickets({ [FILE]: context("blocked") });
  const expected = ["blocked main apart", "open reverted apart", "apart apart apart"];
  const both = async (): Promise<void> => {
    // What is remembered says the same as what is found anew.
    for (const fresh of [false, true]) {
      if (fresh) rmSync(join(home, ".git", "berth", "cache"), { recursive: true });
      expect((await shown(await box.open(home))).toSorted()).toEqual(expected.toSorted());
    }
  };
  await both();
  for (let n = 0; n < 101; n++) box.git(home, "commit", "--quiet", "--allow-empty", "--no-verify", "-m", "e");
  await both();
  for (let n = 0; n < 101; n++) tickets({ "tickets/a_2/ACTIVE_SESSION.md": context(`state ${n}`) });
  expected.push("state 100 main");
  await both();
  // Landed while it is remembered that it did not.
  tickets({ [FILE]: context("apart") });
  tickets({ [FILE]: context("done") });
  expected.splice(0, 3, "done main apart", "open reverted apart");
  await both();
  // And back to before that.
  box.git(home, "reset", "--quiet", "--hard", "HEAD~2");
  expected.splice(0, 2, "blocked main apart", "open reverted apart", "apart apart apart");
  await both();
});
