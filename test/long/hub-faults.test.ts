import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { commitWork } from "../support/crash-worlds.ts";
import { done, exitOf, once, startWorker, type Worker } from "../support/processes.ts";
import { planned, type Sandbox, sandbox } from "../support/sandbox.ts";

interface At {
  readonly box: Sandbox;
  readonly home: string;
  readonly id: string;
  readonly worker: Worker;
}

async function plannedWorld(remote = true): Promise<At> {
  const box = sandbox({ remote });
  const home = remote ? box.clone("home") : box.hub;
  const berth = await box.open(home, "planner");
  await berth.init({});
  const id = await planned(berth, "Number the lines");
  berth.close();
  return { box, home, id, worker: startWorker(box, { dir: home, agent: "worker" }) };
}

async function workedWorld(remote = true): Promise<At> {
  const at = await plannedWorld(remote);
  done(await at.worker.run("claim", { id: at.id }).answer);
  commitWork(at.box, join(at.home, ".worktrees", at.id), at.id, { "src/new.txt": "new\n" });
  return at;
}

/** Puts a hook into the hub. */
function hook({ box }: At, name: string, script: string): () => void {
  const file = join(box.hub, "hooks", name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return () => rmSync(file);
}

function refs({ box }: At): string {
  return box.git(box.hub, "for-each-ref", "--format=%(refname) %(objectname)");
}

for (const atomic of [true, false]) {
  test(`[INV-5] [INV-6] a push cut off after the hub took it counts as what it became, ${atomic ? "with" : "without"} atomic pushes`, async () => {
    const at = await plannedWorld();
    if (!atomic) at.box.git(at.box.hub, "config", "receive.advertiseAtomic", "false");
    // The connection dies when the references have moved and nothing has been answered yet.
    hook(
      at,
      "reference-transaction",
      `[ "$1" = committed ] && [ -e "$GIT_DIR/cut" ] && rm "$GIT_DIR/cut" && kill -9 $PPID; exit 0`,
    );
    const cut = (): void => writeFileSync(join(at.box.hub, "cut"), "");
    const wasCut = (): void => expect(existsSync(join(at.box.hub, "cut"))).toBe(false);
    cut();
    expect(done(await at.worker.run("claim", { id: at.id }).answer)).toMatchObject({
      claim: { epoch: 1, holder: "worker" },
    });
    wasCut();
    commitWork(at.box, join(at.home, ".worktrees", at.id), at.id, { "src/new.txt": "new\n" });
    cut();
    done(await at.worker.run("land", { id: at.id }).answer);
    wasCut();
    commitWork(at.box, join(at.home, ".worktrees", at.id), at.id, { "src/new.txt": "newer\n" });
    cut();
    expect(done(await at.worker.run("complete", { id: at.id }).answer)).toMatchObject({
      session: { state: "completed" },
    });
    wasCut();
    expect(at.box.git(at.box.hub, "show", "main:src/new.txt")).toBe("newer");
    expect(at.box.git(at.box.hub, "log", "--format=%s", "--grep=Berth-Session", "main").split("\n")).toHaveLength(2);
    expect(
      at.box.git(at.box.hub, "log", "--format=%s", "--grep=Claim session", "berth/ledger").split("\n"),
    ).toHaveLength(1);
  }, 60_000);
}

const refusals = {
  "an update hook": ["update", `[ "$1" != refs/heads/main ] || { echo "main is protected" >&2; exit 1; }`],
  "a pre-receive hook": ["pre-receive", `! grep -q refs/heads/main || { echo "main is protected" >&2; exit 1; }`],
  "a hook that takes the base and then refuses the ledger": [
    "update",
    `[ "$1" != refs/heads/berth/ledger ] || { echo "main is protected, or so" >&2; exit 1; }`,
  ],
} as const;

for (const [what, [name, script]] of Object.entries(refusals)) {
  test(`[INV-4] [INV-6] ${what} refuses the base branch: land and complete say so, and nothing has changed`, async () => {
    const at = await workedWorld();
    const allow = hook(at, name, script);
    const before = refs(at);
    for (const verb of ["land", "complete"]) {
      const answer = await at.worker.run(verb, { id: at.id }).answer;
      expect([answer.error?.code, exitOf(answer)]).toEqual(["HUB_REFUSED", 7]);
      expect(answer.error?.message).toMatch(/refused to move main and berth\/ledger; nothing was changed/);
      expect(String(answer.error?.facts["said"])).toContain("main is protected");
      expect(refs(at)).toBe(before);
    }
    allow();
    expect(done(await at.worker.run("complete", { id: at.id }).answer)).toMatchObject({
      session: { state: "completed" },
    });
  }, 60_000);
}

test("[INV-5] a hub without atomic pushes that refuses the base branch leaves the session active, and lands it later", async () => {
  const at = await workedWorld();
  at.box.git(at.box.hub, "config", "receive.advertiseAtomic", "false");
  const allow = hook(at, ...refusals["an update hook"]);
  const base = at.box.git(at.box.hub, "rev-parse", "main");
  const refused = await at.worker.run("complete", { id: at.id }).answer;
  expect([refused.error?.code, exitOf(refused)]).toEqual(["HUB_REFUSED", 7]);
  expect(at.box.git(at.box.hub, "rev-parse", "main")).toBe(base);
  expect(at.box.git(at.box.hub, "ls-tree", "--name-only", "berth/ledger", "active/")).toContain(at.id);
  allow();
  expect(done(await at.worker.run("complete", { id: at.id }).answer)).toMatchObject({
    session: { state: "completed" },
  });
}, 60_000);

test("[ASP-13] a hub that forbids deletions and forced pushes is worked with; the branch that stays is named", async () => {
  const at = await workedWorld();
  at.box.git(at.box.hub, "config", "receive.denyDeletes", "true");
  at.box.git(at.box.hub, "config", "receive.denyNonFastForwards", "true");
  done(await at.worker.run("log", { session: at.id, text: "Pushed." }).answer);
  const completed = done(await at.worker.run("complete", { id: at.id }).answer);
  expect(completed).toMatchObject({ session: { state: "completed" }, workspaceRemoved: true });
  expect(JSON.stringify(completed["warnings"])).toContain(`session/${at.id} stays`);
}, 60_000);

test("[ASP-05] a hub with its base branch checked out is refused by init and named by doctor", async () => {
  const box = sandbox({ remote: false });
  box.git(box.dir, "clone", "-q", box.hub, "home");
  const berth = await box.open(join(box.dir, "home"), "planner");
  await expect(berth.init({})).rejects.toMatchObject({ code: "HUB_REFUSED" });
  const { checks } = await berth.doctor({});
  expect(checks.find((c) => c.name === "hub-checkout")).toMatchObject({ ok: false });
  expect(box.git(box.hub, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
}, 60_000);

for (const hub of ["remote", "local"] as const) {
  test(`[INV-5] a stale lock on the ledger's reference, hub ${hub}, is named, and nothing has changed`, async () => {
    const at = await plannedWorld(hub === "remote");
    const gitDir = hub === "remote" ? at.box.hub : join(at.box.hub, ".git");
    const lock = join(gitDir, "refs/heads/berth/ledger.lock");
    writeFileSync(lock, "");
    utimesSync(lock, new Date(Date.now() - 600_000), new Date(Date.now() - 600_000));
    const before = refs(at);
    const answer = await at.worker.run("claim", { id: at.id }).answer;
    expect(answer.error?.code).toBe("HUB_REFUSED");
    expect(`${answer.error?.hint}`).toMatch(/lock/);
    expect(String(answer.error?.facts["said"])).toContain("ledger.lock");
    expect(refs(at)).toBe(before);
    const { checks } = done(await at.worker.run("doctor", {}).answer) as {
      checks: { name: string; ok: boolean; detail: string }[];
    };
    expect(
      checks
        .filter((c) => !c.ok)
        .map((c) => c.detail)
        .join("\n"),
    ).toContain(lock);
    rmSync(lock);
    done(await at.worker.run("claim", { id: at.id }).answer);
  }, 60_000);
}

test("[INV-1] [INV-5] a push that outlives its killed run makes the claim its agent's, not a stranger's", async () => {
  const at = await plannedWorld();
  const started = join(at.box.hub, "started");
  const go = join(at.box.hub, "go");
  hook(at, "pre-receive", `echo >> "${started}"; while [ ! -e "${go}" ]; do sleep 0.05; done`);
  const doomed = startWorker(at.box, { dir: at.home, agent: "worker", machineDir: `${at.home}-one` });
  const first = doomed.run("claim", { id: at.id });
  await expect.poll(() => existsSync(started), { timeout: 10_000 }).toBe(true);
  await doomed.kill(false);
  expect((await first.answer).killed).toBe(true);
  const second = at.worker.run("claim", { id: at.id }, { pauseAt: { step: "ledger.committed", occurrence: 1 } });
  await second.paused;
  // The dead run's push arrives now.
  writeFileSync(go, "");
  await expect.poll(() => at.box.git(at.box.hub, "ls-tree", "--name-only", "berth/ledger", "active/")).toContain(at.id);
  second.goOn();
  expect(done(await second.answer)).toMatchObject({
    claim: { epoch: 1, holder: "worker" },
    workspace: { kind: "worktree" },
  });
}, 60_000);

test("[INV-6] a hub that is gone is said to be gone; a claim of the same agent works when it is back", async () => {
  const at = await plannedWorld();
  const away = `${at.box.hub}.away`;
  renameSync(at.box.hub, away);
  const answer = await once(at.box, { dir: at.home, agent: "worker" }, "claim", { id: at.id });
  expect([answer.error?.code, exitOf(answer)]).toEqual(["HUB_UNREACHABLE", 1]);
  renameSync(away, at.box.hub);
  done(await at.worker.run("claim", { id: at.id }).answer);
}, 60_000);

test("[INV-6] a push that never has an answer is not called refused: whether it arrives is not known", async () => {
  const at = await plannedWorld();
  const before = refs(at);
  const allow = hook(at, "pre-receive", "kill -9 $PPID");
  const answer = await at.worker.run("claim", { id: at.id }).answer;
  expect(answer.error?.code).toBe("HUB_UNREACHABLE");
  expect(answer.error?.message).toMatch(
    /gave no answer when berth\/ledger was to move: whether it will is not known yet/,
  );
  expect(refs(at)).toBe(before);
  allow();
  expect(done(await at.worker.run("claim", { id: at.id }).answer)).toMatchObject({ claim: { epoch: 1 } });
});

test("[INV-5] [INV-6] without atomic pushes, a landing whose push has no answer may still arrive, and goes first the next time", async () => {
  const at = await workedWorld();
  at.box.git(at.box.hub, "config", "receive.advertiseAtomic", "false");
  const allow = hook(at, "pre-receive", "grep -q refs/heads/main && kill -9 $PPID; exit 0");
  const answer = await at.worker.run("land", { id: at.id }).answer;
  expect(answer.error?.code).toBe("HUB_UNREACHABLE");
  expect(answer.error?.message).toContain("main was to move");
  const record = (): string => at.box.git(at.box.hub, "show", `berth/ledger:active/${at.id}/claim.yaml`);
  const announced = /^landing:\n {2}commit: ([0-9a-f]{40})$/m.exec(record())?.[1] ?? "";
  commitWork(at.box, join(at.home, ".worktrees", at.id), at.id, { "src/new.txt": "newer\n" });
  allow();
  done(await at.worker.run("land", { id: at.id }).answer);
  expect(at.box.git(at.box.hub, "show", `${announced}:src/new.txt`)).toBe("new");
  expect(at.box.git(at.box.hub, "show", "main:src/new.txt")).toBe("newer");
  const landed = at.box.git(at.box.hub, "log", "--format=%H", "--grep=Berth-Session", "main").split("\n");
  expect(landed).toHaveLength(2);
  expect(landed).toContain(announced);
  for (const commit of landed) expect(record()).toContain(commit);
}, 60_000);

test("[INV-2] without atomic pushes a take-over fences the session's branch also when the ledger's push had no answer", async () => {
  const at = await workedWorld();
  at.box.git(at.box.hub, "config", "receive.advertiseAtomic", "false");
  hook(
    at,
    "reference-transaction",
    `[ "$1" = committed ] && [ -e "$GIT_DIR/cut" ] && rm "$GIT_DIR/cut" && kill -9 $PPID; exit 0`,
  );
  writeFileSync(join(at.box.hub, "cut"), "");
  const heir = await at.box.open(at.home, "heir");
  await heir.recover({ id: at.id, takeOver: true, force: true });
  expect(existsSync(join(at.box.hub, "cut"))).toBe(false);
  expect(at.box.git(at.box.hub, "log", "-1", "--format=%B", `session/${at.id}`)).toContain("Berth-Opens: 2");
}, 60_000);

test("[INV-5] without atomic pushes, who takes over elsewhere a landing that the ledger does not list yet can end it", async () => {
  const at = await workedWorld();
  at.box.git(at.box.hub, "config", "receive.advertiseAtomic", "false");
  const holder = await at.box.open(at.home, "worker", {
    progress: ({ name }) => {
      if (name === "land.base-moved") throw new Error("ended here");
    },
  });
  await expect(holder.land({ id: at.id })).rejects.toThrow("ended here");
  const heir = await at.box.open(at.box.clone("elsewhere"), "heir");
  await heir.recover({ id: at.id, takeOver: true, force: true });
  expect(await heir.complete({ id: at.id, tick: ["all"] })).toMatchObject({ session: { state: "completed" } });
  expect(at.box.git(at.box.hub, "show", "main:src/new.txt")).toBe("new");
}, 60_000);
