import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkInvariants } from "../support/crash-invariants.ts";
import type { World } from "../support/crash-scenario.ts";
import { commitWork } from "../support/crash-worlds.ts";
import { done, once, startWorker } from "../support/processes.ts";
import { planned, type Sandbox, sandbox } from "../support/sandbox.ts";

interface At {
  readonly world: World;
  readonly box: Sandbox;
  readonly home: string;
  readonly id: string;
  /** Lets git's checkouts of `*.slow` files wait for ever, once they have begun; or go through. */
  slow(on: boolean): void;
  /** Whether a checkout waits now. */
  waiting(): boolean;
}

/** A repository without a remote in which a checkout can be caught half-way: some files written, some not yet. */
async function slowWorld(): Promise<At> {
  const box = sandbox({
    remote: false,
    files: { "a.txt": "a\n", "m.slow": "m\n", "z.txt": "z\n", "z-gone.txt": "gone\n" },
  });
  const home = box.hub;
  const [wait, begun, filter] = [join(box.dir, "wait"), join(box.dir, "begun"), join(box.dir, "filter.sh")];
  writeFileSync(
    filter,
    `#!/bin/sh\nif [ -e "${wait}" ]; then echo >> "${begun}"; while :; do sleep 1; done; fi\ncat\n`,
  );
  chmodSync(filter, 0o755);
  box.git(home, "config", "filter.slow.smudge", filter);
  box.git(home, "config", "filter.slow.clean", "cat");
  box.git(home, "config", "filter.slow.required", "true");
  writeFileSync(join(home, ".git/info/attributes"), "*.slow filter=slow\n");
  const berth = await box.open(home, "planner");
  await berth.init({});
  box.git(home, "add", "--all");
  box.git(home, "commit", "-q", "-m", "Set up Berth");
  const id = await planned(berth, "Number the lines");
  berth.close();
  const rest = { hub: "local", agent: "worker", verb: "", input: {}, commits: [], text: null } as const;
  return {
    world: { box, home, id, ...rest, reset: () => undefined },
    box,
    home,
    id,
    slow: (on) => {
      if (on) writeFileSync(wait, "");
      else rmSync(wait, { force: true });
      rmSync(begun, { force: true });
    },
    waiting: () => existsSync(begun),
  };
}

async function worked(at: At): Promise<void> {
  done(await once(at.box, { dir: at.home, agent: "worker" }, "claim", { id: at.id }));
  const dir = join(at.home, ".worktrees", at.id);
  at.box.git(dir, "rm", "-q", "z-gone.txt");
  commitWork(at.box, dir, at.id, { "a.txt": "new a\n", "m.slow": "new m\n", "new.txt": "new\n", "z.txt": "new z\n" });
}

/** Runs a verb until its checkout is half done, and kills the whole group there: git too. */
async function killInCheckout(at: At, verb: string): Promise<void> {
  at.slow(true);
  const worker = startWorker(at.box, { dir: at.home, agent: "worker" });
  const { answer } = worker.run(verb, { id: at.id });
  await expect.poll(() => at.waiting(), { timeout: 20_000, interval: 20 }).toBe(true);
  await worker.kill(true);
  expect((await answer).killed).toBe(true);
  at.slow(false);
  checkInvariants(at.world);
}

function status(at: At): string {
  return at.box.git(at.home, "status", "--porcelain");
}

for (const verb of ["land", "complete"]) {
  test(`[INV-3] [INV-5] ${verb} killed with git while the checked-out base is brought along is finished by a rerun`, async () => {
    const at = await slowWorld();
    await worked(at);
    const base = at.box.git(at.home, "rev-parse", "main");
    await killInCheckout(at, verb);
    expect(at.box.git(at.home, "rev-parse", "main")).toBe(base);
    expect(status(at)).not.toBe("");
    done(await once(at.box, { dir: at.home, agent: "worker" }, verb, { id: at.id }));
    checkInvariants(at.world);
    expect(status(at)).toBe("");
    expect(readFileSync(join(at.home, "m.slow"), "utf8")).toBe("new m\n");
    expect(existsSync(join(at.home, "z-gone.txt"))).toBe(false);
  }, 90_000);
}

test("[INV-3] [INV-5] what such a kill left is undone by anybody's next verb, and edits made since stay", async () => {
  const at = await slowWorld();
  await worked(at);
  await killInCheckout(at, "land");
  at.box.write(at.home, { "z.txt": "somebody's own\n", "own.txt": "own\n" });
  const other = await at.box.open(at.home, "somebody");
  await other.draft({ title: "Something else" });
  other.close();
  expect(status(at).split("\n").toSorted()).toEqual([" M z.txt", "?? own.txt"]);
  expect(readFileSync(join(at.home, "z.txt"), "utf8")).toBe("somebody's own\n");
  expect(readFileSync(join(at.home, "a.txt"), "utf8")).toBe("a\n");
  const refused = await once(at.box, { dir: at.home, agent: "worker" }, "land", { id: at.id });
  expect(refused.error).toMatchObject({ code: "CHECKOUT_OVERLAP", facts: { paths: ["z.txt"] } });
  expect(readFileSync(join(at.home, "z.txt"), "utf8")).toBe("somebody's own\n");
  at.box.git(at.home, "checkout", "-q", "--", "z.txt");
  done(await once(at.box, { dir: at.home, agent: "worker" }, "land", { id: at.id }));
  expect(status(at)).toBe("?? own.txt");
}, 90_000);

for (const step of ["checkout.noted", "checkout.brought"]) {
  test(`[INV-5] killed at ${step}, and the user commits before any other verb runs: nothing of his is reverted`, async () => {
    const at = await slowWorld();
    await worked(at);
    const kill = { step, occurrence: 1, group: true };
    await once(at.box, { dir: at.home, agent: "worker" }, "land", { id: at.id }, { kill });
    at.box.write(at.home, { "own.txt": "own\n" });
    at.box.git(at.home, "add", "own.txt");
    at.box.git(at.home, "commit", "-q", "-m", "By hand");
    done(await once(at.box, { dir: at.home, agent: "worker" }, "land", { id: at.id }));
    expect(status(at)).toBe("");
    expect(at.box.git(at.home, "show", "main:own.txt")).toBe("own");
    expect(at.box.git(at.home, "show", "main:a.txt")).toBe("new a");
    expect(at.box.git(at.home, "ls-tree", "--name-only", "main")).not.toContain("z-gone.txt");
  }, 90_000);
}

test("[ASP-14] a claim killed with git while its worktree is filled is finished by a rerun, without a second folder", async () => {
  const at = await slowWorld();
  await killInCheckout(at, "claim");
  const dir = join(at.home, ".worktrees", at.id);
  expect(existsSync(join(dir, "z.txt"))).toBe(false);
  const claimed = done(await once(at.box, { dir: at.home, agent: "worker" }, "claim", { id: at.id }));
  expect(claimed).toMatchObject({ workspace: { path: dir } });
  expect(at.box.git(dir, "status", "--porcelain")).toBe("");
  expect(readFileSync(join(dir, "m.slow"), "utf8")).toBe("m\n");
  expect(at.box.git(at.home, "worktree", "list").split("\n")).toHaveLength(3);
}, 90_000);

test("[INV-3] a file put into a half-made worktree stays there", async () => {
  const at = await slowWorld();
  await killInCheckout(at, "claim");
  const dir = join(at.home, ".worktrees", at.id);
  at.box.write(dir, { "a.txt": "mine\n", "own.txt": "own\n" });
  done(await once(at.box, { dir: at.home, agent: "worker" }, "claim", { id: at.id }));
  expect(at.box.git(dir, "status", "--porcelain").split("\n").toSorted()).toEqual([" M a.txt", "?? own.txt"]);
  expect(readFileSync(join(dir, "own.txt"), "utf8")).toBe("own\n");
}, 90_000);

test("[INV-5] a lock that another git command holds on the checkout's index is waited for, then named", async () => {
  const at = await slowWorld();
  await worked(at);
  const lock = join(at.home, ".git/index.lock");
  writeFileSync(lock, "");
  const base = at.box.git(at.home, "rev-parse", "main");
  const refused = await once(at.box, { dir: at.home, agent: "worker" }, "land", { id: at.id });
  expect(refused.error?.message).toContain(lock);
  expect(at.box.git(at.home, "rev-parse", "main")).toBe(base);
  expect(existsSync(lock)).toBe(true);
  const worker = startWorker(at.box, { dir: at.home, agent: "worker" });
  const waiting = worker.run("land", { id: at.id });
  await expect
    .poll(() => existsSync(join(at.home, ".git/berth-index.hold")), { timeout: 10_000, interval: 20 })
    .toBe(true);
  rmSync(lock);
  done(await waiting.answer);
  expect(status(at)).toBe("");
}, 90_000);
