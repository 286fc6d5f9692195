import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { type Held, held, seen } from "../support/holder.ts";
import { commit, refusal } from "../support/session.ts";

/** An heir to whom something happens once he has judged, before the change that he pushes is decided on the hub's tip. */
async function heirOf({ box, home }: Held, step: string, happens: () => Promise<unknown>): Promise<Berth> {
  let once = true;
  const progress = async ({ name }: { readonly name: string }): Promise<void> => {
    if (name !== step || !once) return;
    once = false;
    await happens();
  };
  return box.open(home, "heir", { progress });
}

const COMES_BACK: readonly (readonly [string, string, (all: Held) => Promise<unknown>])[] = [
  [
    "is heard of from a process that runs",
    "ledger.fetched",
    async ({ box, dir }) => (await box.open(dir, "agent one")).register({ id: "agent one", pid: process.pid }),
  ],
  [
    "has pushed from elsewhere, by whatever clock,",
    "ledger.fetched",
    async ({ box, id }) => {
      const away = box.clone("away");
      box.git(away, "switch", "--quiet", `session/${id}`);
      const old = ["-c", "user.name=agent one", "commit", "--quiet", "--allow-empty", "-m", `[${id}] feat: more`];
      execFileSync("git", old, { cwd: away, env: { ...process.env, GIT_COMMITTER_DATE: "@1000000000 +0000" } });
      box.git(away, "push", "--quiet", "origin", `session/${id}`);
    },
  ],
  [
    "has landed",
    // While nobody has the machine's turn at the hub.
    "checkpoint.taken",
    async ({ box, id, dir }) => {
      commit(box, dir, `[${id}] feat: more`, { "src/more.txt": "more\n" });
      await (await box.open(dir, "agent one")).land({});
    },
  ],
];

for (const [how, step, comesBack] of COMES_BACK)
  test(`[INV-2] [XCS-03] a holder taken for dead who ${how} before the take-over is pushed keeps the session`, async () => {
    const all = await held();
    await (await all.box.open(all.dir, "agent one")).log({ text: "begun, and pushed" });
    await all.kill();
    const heir = await heirOf(all, step, () => comesBack(all));
    expect(await seen(all.heir, all.id)).toMatchObject({ state: "dead" });
    await refusal(heir.recover({ id: all.id, takeOver: true }), "GATE_REFUSED");
    expect(await seen(all.heir, all.id)).toMatchObject({ holder: "agent one" });
    await (await all.box.open(all.dir, "agent one")).log({ text: "still here" });
  });

test("[INV-1] [INV-2] a holder taken for dead who is back once the take-over is decided has lost, and is told", async () => {
  const all = await held();
  const { box, id, dir, home } = all;
  await all.kill();
  const heir = await heirOf(all, "ledger.committed", async () =>
    (await box.open(dir, "agent one")).register({ id: "agent one", pid: process.pid }),
  );
  expect(await heir.recover({ id, takeOver: true })).toMatchObject({ claim: { epoch: 2 } });
  const old = await box.open(dir, "agent one");
  const ref = box.git(home, "for-each-ref", "--format=%(refname)", `refs/berth/checkpoints/${id}/`);
  for (const verb of [
    () => old.log({ text: "more" }),
    () => old.land({}),
    () => old.complete({ tick: ["all"], commit: true }),
  ]) {
    const error = await refusal(verb(), "STALE_EPOCH");
    expect(error.message).toMatch(/heir holds it at epoch 2, taken over at \d{4}-/);
    expect(error.hint).toContain(dir);
    expect(error.hint).toContain(ref);
    expect(error.facts).toMatchObject({ snapshot: ref, winner: { agent: "heir", epoch: 2 } });
  }
  // The hook says so before a commit is made that nobody can publish.
  box.git(dir, "add", "src/unsaved.txt");
  let said = "";
  try {
    box.git(dir, "commit", "--quiet", "-m", `[${id}] feat: too late`);
  } catch (error) {
    said = String((error as { readonly stderr?: unknown }).stderr);
  }
  expect(said).toContain("heir holds it at epoch 2, taken over");
  expect(said).toContain(ref);
  expect(box.git(dir, "status", "--porcelain")).toBe("A  src/unsaved.txt");
  const inbox = (await old.inbox({})).messages.find(({ kind }) => kind === "claim.taken-over");
  expect(inbox?.text).toContain(ref);
  expect(readFileSync(join(dir, "src/unsaved.txt"), "utf8")).toBe("the last line\n");
});

test("[INV-1] of several who take over from a dead holder at once one wins", async () => {
  const all = await held();
  await all.kill();
  const heirs = await Promise.all(["b", "c", "d"].map((name) => all.box.open(all.home, name)));
  const ends = await Promise.allSettled(heirs.map((heir) => heir.recover({ id: all.id, takeOver: true })));
  expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const end of ends)
    if (end.status === "rejected") expect((end.reason as { code: string }).code).toMatch(/CLAIM_LOST|GATE_REFUSED/);
  expect(await seen(all.heir, all.id)).toMatchObject({ state: "live" });
});
