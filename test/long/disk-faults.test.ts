import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkInvariants } from "../support/crash-invariants.ts";
import type { World } from "../support/crash-scenario.ts";
import { commitWork } from "../support/crash-worlds.ts";
import { type Answer, done, once } from "../support/processes.ts";
import { fill, ordinaryUser, smallDisk } from "../support/place-faults.ts";
import { runBerth } from "../cli/run-berth.ts";
import { CENTRAL } from "../support/contexts.ts";
import { planned, type Sandbox, sandbox } from "../support/sandbox.ts";
import { commit } from "../support/session.ts";

interface At {
  readonly box: Sandbox;
  readonly home: string;
  readonly id: string;
  /** Runs a verb as a user who is bound by permissions. */
  run(verb: string, input?: Readonly<Record<string, unknown>>): Promise<Answer>;
}

async function world(home = "home"): Promise<At> {
  const box = sandbox();
  const dir = box.clone(home);
  const berth = await box.open(dir, "planner");
  await berth.init({});
  const id = await planned(berth, "Number the lines");
  berth.close();
  const worker = { dir, agent: "worker", ...ordinaryUser(box.dir) };
  // The tests themselves read as root what belongs to the other user now.
  box.git(dir, "config", "--global", "--replace-all", "safe.directory", "*");
  return { box, home: dir, id, run: (verb, input) => once(box, worker, verb, input ?? { id }) };
}

function refs({ box }: At): string {
  return box.git(box.hub, "for-each-ref", "--format=%(refname) %(objectname)");
}

function asWorld({ box, home, id }: At): World {
  const rest = { hub: "remote", agent: "worker", verb: "claim", input: {}, commits: [], text: null } as const;
  return { box, home, id, ...rest, reset: () => undefined };
}

for (const where of [".git", ".", "../hub.git"]) {
  test(`[INV-5] ${where} cannot be written: a claim says so in one clear error, and works once it can be`, async () => {
    const at = await world();
    const dir = join(at.home, where);
    const before = refs(at);
    execFileSync("chmod", ["-R", "a-w", dir]);
    onTestFinished(() => void execFileSync("chmod", ["-R", "u+w", dir]));
    const refused = await at.run("claim");
    expect(refused.error?.code, refused.error?.message).not.toBe("THROWN");
    expect(`${refused.error?.message} ${JSON.stringify(refused.error?.facts)}`).toMatch(
      /permission|EACCES|cannot be written|denied|unable to create/i,
    );
    checkInvariants(asWorld(at));
    if (where !== ".") expect(refs(at)).toBe(before);
    execFileSync("chmod", ["-R", "u+w", dir]);
    expect(done(await at.run("claim"))).toMatchObject({
      claim: { epoch: 1, holder: "worker" },
      workspace: { kind: "worktree" },
    });
  }, 60_000);
}

test("[INV-3] [INV-5] a full disk ends every verb with one clear error and loses nothing; freed, the same verb finishes", async (context) => {
  const box = sandbox();
  const disk = smallDisk(box.dir);
  if (disk === null) {
    context.skip();
    return;
  }
  box.git(box.dir, "clone", "-q", box.hub, "disk/home");
  const home = join(disk, "home");
  const berth = await box.open(home, "planner");
  await berth.init({});
  let refused = 0;
  for (const leave of [0, 40, 100, 180]) {
    const id = await planned(berth, `With ${leave} KiB left`);
    const dir = join(home, ".worktrees", id);
    const at = { box, home, id, run: () => Promise.reject(new Error("not used")) };
    let made = "";
    for (const [verb, input] of [
      ["claim", {}],
      ["land", {}],
      ["complete", { tick: ["all"] }],
    ] as const) {
      if (verb !== "claim") made = commitWork(box, dir, id, { [`src/new.txt`]: `${verb} ${leave}\n` });
      const free = fill(disk, leave);
      const answer = await once(box, { dir: home, agent: "worker" }, verb, { id, ...input });
      free();
      expect(answer.error?.code, answer.error?.message).not.toBe("THROWN");
      checkInvariants({ ...asWorld(at), commits: made === "" ? [] : [made] });
      if (!answer.error) continue;
      refused++;
      expect(`${answer.error.message} ${answer.error.hint} ${JSON.stringify(answer.error.facts)}`).toMatch(
        /disk|space|ENOSPC|full/i,
      );
      done(await once(box, { dir: home, agent: "worker" }, verb, { id, ...input }));
    }
    expect(box.git(box.hub, "show", "main:src/new.txt")).toBe(`complete ${leave}`);
  }
  expect(refused).toBeGreaterThan(3);
  expect(readFileSync(join(home, "README.md"), "utf8")).toBe("# Project\n");
}, 180_000);

test("[INV-5] on a read-only disk where Berth never was, every verb that writes says so", async (context) => {
  const box = sandbox();
  const disk = smallDisk(box.dir);
  if (disk === null) {
    context.skip();
    return;
  }
  box.git(box.dir, "clone", "-q", box.hub, "disk/home");
  const home = join(disk, "home");
  commit(box, home, "docs: context", { "docs/session-context/ACTIVE_SESSION.md": CENTRAL });
  execFileSync("mount", ["-o", "remount,ro", disk]);
  for (const line of [
    "context set mode build",
    "context todo add more",
    "context hooks install",
    "migrate --to tickets",
    "lock README.md",
  ]) {
    const { code, stderr } = await runBerth(line.split(" "), { cwd: home });
    expect({ code, line, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/read-only|cannot be written/) as string,
    });
    expect(stderr).not.toMatch(/inside Berth|no such file/);
  }
}, 60_000);
