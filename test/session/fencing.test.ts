import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commitWork } from "../support/crash-worlds.ts";
import { type Answer, done, once, startWorker } from "../support/processes.ts";
import { planned, type Sandbox, sandbox } from "../support/sandbox.ts";
import { commit, refusal, team } from "../support/session.ts";

interface Scene {
  readonly box: Sandbox;
  readonly id: string;
  /** The old holder's checkout and workspace. */
  readonly old: string;
  readonly workspace: string;
  /** Where the heir takes over from. */
  readonly heir: string;
}

type Where = "same clone" | "another clone" | "no remote";

/** A session whose holder has pushed a commit, made another that is not pushed, and left a file uncommitted. */
async function scene(
  where: Where,
  options: { readonly pushed?: boolean; readonly kind?: "clone" } = {},
): Promise<Scene> {
  const box = sandbox({ remote: where !== "no remote" });
  const old = where === "no remote" ? box.hub : box.clone("old");
  const berth = await box.open(old, "old holder");
  await berth.init({});
  const id = await planned(berth, "Number the lines");
  const claimed = await berth.claim({ id, ...(options.kind ? { workspace: options.kind } : {}) });
  if (!("workspace" in claimed) || !claimed.workspace) throw new Error("no workspace");
  const workspace = claimed.workspace.path;
  commitWork(box, workspace, id, { "src/pushed.txt": "pushed\n" });
  if (options.pushed !== false) await berth.log({ session: id, text: "Half way." });
  commitWork(box, workspace, id, { "src/unpushed.txt": "unpushed\n" });
  box.write(workspace, { "src/loose.txt": "loose\n", "src/a.txt": "edited\n" });
  berth.close();
  return { box, id, old, workspace, heir: where === "another clone" ? box.clone("heir") : old };
}

async function takeOver({ box, id, heir }: Scene): Promise<{ path: string; answer: Answer }> {
  const answer = await once(box, { dir: heir, agent: "heir" }, "recover", { id, takeOver: true, force: true });
  return { path: (done(answer)["workspace"] as { path: string }).path, answer };
}

function hubState({ box }: Scene): string {
  return box.git(box.hub, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads");
}

/** Every verb of the old holder that would publish something. */
const verbs: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ["sync", {}],
  ["land", {}],
  ["complete", { commit: true }],
  ["release", { reason: "tired" }],
  ["abandon", { reason: "tired" }],
  ["log", { text: "Still here." }],
  ["plan", { text: "Still planning." }],
  ["learn", { text: "Still learning." }],
];

for (const where of ["same clone", "another clone", "no remote"] as const) {
  test(`[INV-2] a holder who was replaced, ${where}, publishes nothing and is told who holds it`, async () => {
    const at = await scene(where);
    await takeOver(at);
    const before = hubState(at);
    const head = at.box.git(at.workspace, "rev-parse", "HEAD");
    const holder = startWorker(at.box, { dir: at.old, agent: "old holder" });
    for (const [verb, input] of verbs) {
      for (const dir of [at.workspace, at.old]) {
        const named = ["log", "plan", "learn"].includes(verb) ? { ...input, session: at.id } : { ...input, id: at.id };
        const answer = await holder.run(verb, named, { dir }).answer;
        expect(answer.error, `${verb} in ${dir}: ${JSON.stringify(answer.result)}`).toMatchObject({
          code: "STALE_EPOCH",
        });
        expect(answer.error?.facts["winner"]).toMatchObject({ agent: "heir", epoch: 2 });
        expect(answer.error?.message).toContain("heir holds it at epoch 2");
        expect(answer.error?.hint).toContain(at.workspace);
      }
    }
    expect(hubState(at)).toBe(before);
    expect(at.box.git(at.workspace, "rev-parse", "HEAD")).toBe(head);
    expect(readFileSync(join(at.workspace, "src/loose.txt"), "utf8")).toBe("loose\n");
    expect(readFileSync(join(at.workspace, "src/a.txt"), "utf8")).toBe("edited\n");
  }, 120_000);
}

for (const [what, forged] of [
  ["another token at the same epoch", { token: "0".repeat(64) }],
  ["another epoch with the same token", { epoch: 7 }],
] as const) {
  test(`[INV-2] names are no proof: a mark with ${what} publishes nothing`, async () => {
    const at = await scene("same clone");
    const mark = join(at.box.git(at.workspace, "rev-parse", "--absolute-git-dir"), "berth.json");
    const own = JSON.parse(readFileSync(mark, "utf8")) as Record<string, unknown>;
    writeFileSync(mark, JSON.stringify({ ...own, ...forged }));
    const before = hubState(at);
    const forger = startWorker(at.box, { dir: at.workspace, agent: "old holder" });
    for (const [verb, input] of verbs)
      expect((await forger.run(verb, input).answer).error, verb).toMatchObject({ code: "STALE_EPOCH" });
    expect(hubState(at)).toBe(before);
  }, 60_000);
}

test("[INV-2] not even a plain push of the old holder's branch fits the hub any more", async () => {
  const at = await scene("another clone");
  await takeOver(at);
  const branch = `session/${at.id}`;
  const before = hubState(at);
  expect(() => at.box.git(at.workspace, "push", "-q", "--no-verify", "origin", `HEAD:${branch}`)).toThrow(
    /rejected|fetch first/,
  );
  at.box.git(at.old, "fetch", "-q", "origin");
  expect(() => at.box.git(at.workspace, "push", "-q", "--force", "origin", `HEAD:${branch}`)).toThrow(
    /heir holds it at epoch 2/,
  );
  expect(hubState(at)).toBe(before);
}, 60_000);

test("[INV-2] [INV-3] a take-over keeps what was committed, and names the snapshot of what was not", async () => {
  const at = await scene("same clone");
  const { path, answer } = await takeOver(at);
  expect(path).not.toBe(at.workspace);
  expect(readFileSync(join(path, "src/pushed.txt"), "utf8")).toBe("pushed\n");
  expect(readFileSync(join(path, "src/unpushed.txt"), "utf8")).toBe("unpushed\n");
  expect(existsSync(join(path, "src/loose.txt"))).toBe(false);
  const warnings = (done(answer)["warnings"] as string[]).join("\n");
  const ref = /refs\/berth\/checkpoints\/\S+?(?=[.\s]|$)/.exec(warnings)?.[0] ?? "";
  expect(at.box.git(at.heir, "show", `${ref}:src/loose.txt`)).toBe("loose");
  expect(at.box.git(at.heir, "show", `${ref}:src/a.txt`)).toBe("edited");
}, 60_000);

test("[INV-2] [INV-3] from another clone the heir has what was pushed; the rest stays with the old holder", async () => {
  const at = await scene("another clone");
  const { path } = await takeOver(at);
  expect(readFileSync(join(path, "src/pushed.txt"), "utf8")).toBe("pushed\n");
  expect(existsSync(join(path, "src/unpushed.txt"))).toBe(false);
  expect(at.box.git(at.workspace, "show", "HEAD:src/unpushed.txt")).toBe("unpushed");
}, 60_000);

test("[INV-2] the heir lands and completes the old holder's work with his own", async () => {
  const at = await scene("same clone");
  const { path } = await takeOver(at);
  commitWork(at.box, path, at.id, { "src/heir.txt": "heir\n" });
  const completed = await once(at.box, { dir: at.heir, agent: "heir" }, "complete", { id: at.id, tick: ["all"] });
  expect(done(completed)).toMatchObject({ session: { state: "completed" }, workspaceRemoved: true });
  const landed = at.box.git(at.box.hub, "ls-tree", "-r", "--name-only", "main");
  expect(landed.split("\n")).toEqual(expect.arrayContaining(["src/heir.txt", "src/pushed.txt", "src/unpushed.txt"]));
  const late = await once(at.box, { dir: at.workspace, agent: "old holder" }, "land", { id: at.id });
  expect(late.error?.code).toBe("STALE_EPOCH");
  expect(late.error?.message).toContain("completed");
}, 60_000);

for (const step of ["land.squashed", "ledger.fetched", "ledger.committed"]) {
  for (const where of ["another clone", "same clone"] as const) {
    test(`[INV-2] a landing under way at ${step} is refused when the session is taken over, ${where}`, async () => {
      const at = await scene(where);
      at.box.git(at.workspace, "stash", "--include-untracked", "--quiet");
      // A machine of his own: else he holds the queue, and the heir waits for him.
      const holder = startWorker(at.box, { dir: at.old, agent: "old holder", machineDir: `${at.old}-machine` });
      const landing = holder.run("land", { id: at.id }, { pauseAt: { step, occurrence: 1 } });
      await landing.paused;
      const base = at.box.git(at.box.hub, "rev-parse", "main");
      await takeOver(at);
      landing.goOn();
      expect((await landing.answer).error).toMatchObject({ code: "STALE_EPOCH", facts: { winner: { agent: "heir" } } });
      expect(at.box.git(at.box.hub, "rev-parse", "main")).toBe(base);
    }, 60_000);
  }
}

test("[INV-2] a push of the old holder's in the moment of the take-over is part of it", async () => {
  const at = await scene("another clone");
  const heir = startWorker(at.box, { dir: at.heir, agent: "heir" });
  const order = { id: at.id, takeOver: true, force: true };
  const taking = heir.run("recover", order, { pauseAt: { step: "ledger.committed", occurrence: 1 } });
  await taking.paused;
  at.box.git(at.workspace, "push", "-q", "--no-verify", "origin", `HEAD:session/${at.id}`);
  taking.goOn();
  const { path } = done(await taking.answer)["workspace"] as { path: string };
  expect(readFileSync(join(path, "src/unpushed.txt"), "utf8")).toBe("unpushed\n");
}, 60_000);

test("[INV-1] [INV-2] of several who take over at once one wins; a claim made meanwhile is not taken from its new holder", async () => {
  const at = await scene("another clone");
  const heirs = Array.from({ length: 4 }, (_, i) => {
    const dir = at.box.clone(`heir${i}`);
    return startWorker(at.box, { dir, agent: `heir ${i}`, machineDir: `${dir}-machine` });
  });
  const runs = heirs.map((w) =>
    w.run(
      "recover",
      { id: at.id, takeOver: true, force: true },
      { pauseAt: { step: "ledger.fetched", occurrence: 1 } },
    ),
  );
  await Promise.all(runs.map((run) => run.paused));
  for (const run of runs) run.goOn();
  const answers = await Promise.all(runs.map((run) => run.answer));
  const winners = heirs.filter((_, i) => answers[i]?.result !== undefined);
  expect(winners, JSON.stringify(answers.map((a) => a.error))).toHaveLength(1);
  for (const answer of answers.filter((a) => a.error)) {
    expect(answer.error).toMatchObject({
      code: "CLAIM_LOST",
      facts: { winner: { agent: winners[0]?.agent, epoch: 2 } },
    });
  }
}, 60_000);

test("[INV-2] a hub that cannot move branches together fences as well", async () => {
  const at = await scene("another clone");
  at.box.git(at.box.hub, "config", "receive.advertiseAtomic", "false");
  at.box.git(at.workspace, "stash", "--include-untracked", "--quiet");
  const holder = startWorker(at.box, { dir: at.old, agent: "old holder", machineDir: `${at.old}-machine` });
  const landing = holder.run("land", { id: at.id }, { pauseAt: { step: "land.announced", occurrence: 1 } });
  await landing.paused;
  const base = at.box.git(at.box.hub, "rev-parse", "main");
  await takeOver(at);
  landing.goOn();
  expect((await landing.answer).error).toMatchObject({ code: "STALE_EPOCH" });
  expect(at.box.git(at.box.hub, "rev-parse", "main")).toBe(base);
}, 60_000);

test("[INV-3] a take-over of a clone brings its commits and its snapshot into the parent", async () => {
  const at = await scene("same clone", { kind: "clone", pushed: false });
  const { path, answer } = await takeOver(at);
  expect(readFileSync(join(path, "src/unpushed.txt"), "utf8")).toBe("unpushed\n");
  expect(JSON.stringify(done(answer)["warnings"])).toContain(`refs/berth/checkpoints/${at.id}/`);
  expect(readFileSync(join(at.workspace, "src/loose.txt"), "utf8")).toBe("loose\n");
}, 60_000);

for (const [where, step] of [
  ["before its branch", "claim.won"],
  ["before its workspace", "workspace.branched"],
] as const) {
  test(`[INV-2] a claim that slept ${where} was made, and was replaced on the same machine, leaves the new holder's alone`, async () => {
    const { box, home, berth } = await team();
    const id = await planned(berth, "Slept over");
    const heir = await box.open(home, "heir");
    let dir = "";
    const sleeper = await box.open(home, "sleeper", {
      progress: async ({ name }) => {
        if (name !== step || dir !== "") return;
        const taken = await heir.recover({ id, takeOver: true, force: true });
        dir = ("workspace" in taken && taken.workspace?.path) || "none";
      },
    });
    const error = await refusal(sleeper.claim({ id }), "STALE_EPOCH");
    expect(error.facts["winner"]).toMatchObject({ agent: "heir", epoch: 2 });
    expect(box.git(dir, "branch", "--show-current")).toBe(`session/${id}`);
    expect(box.git(home, "branch", "--list", "session/*").split("\n")).toHaveLength(1);
    commit(box, dir, `[${id}] feat: go on`, { "src/new.txt": "new\n" });
    expect(await heir.complete({ id, tick: ["all"] })).toMatchObject({ session: { state: "completed" } });
  });
}
