import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { planned, type Sandbox, sandbox } from "../support/sandbox.ts";

const FOLDER = "_AGENTS/sessions";

/** Claims as the manual procedure says, in the linked worktree, and commits it there. */
function claimByHand(box: Sandbox, clone: string, id: string, move = true): void {
  const ledger = join(clone, FOLDER);
  const lock = join(ledger, "sessions.lock");
  writeFileSync(lock, `${readFileSync(lock, "utf8")}${id}:${Math.floor(Date.now() / 1000)}\n`);
  if (move) box.git(ledger, "mv", `planned/${id}`, `active/${id}`);
  box.git(ledger, "add", "sessions.lock");
  box.git(ledger, "commit", "--quiet", "-m", `[${id}] Claim session`);
}

async function setUp(): Promise<{ box: Sandbox; clone: string; maker: Berth; other: Berth; id: string }> {
  const box = sandbox();
  const clone = box.clone("maker");
  const maker = await box.open(clone, "Hand Maker");
  await maker.init({});
  const id = await planned(maker, "By hand");
  const elsewhere = box.clone("other");
  box.git(elsewhere, "config", "user.email", "other@berth.test");
  return { box, clone, maker, other: await box.open(elsewhere, "other"), id };
}

test("[ASP-29] a claim made and pushed by hand is respected by everyone and adopted by its maker", async () => {
  const { box, clone, maker, other, id } = await setUp();
  claimByHand(box, clone, id);
  box.git(join(clone, FOLDER), "push", "--quiet", "origin", "HEAD:berth/ledger");
  await expect(other.claim({ id })).rejects.toMatchObject({
    code: "CLAIM_LOST",
    facts: { winner: { agent: "Test Author" } },
  });
  await expect(other.claim({ next: true })).rejects.toMatchObject({ code: "NOTHING_FITS" });
  const adopted = await maker.claim({ id });
  expect(adopted).toMatchObject({ claim: { epoch: 1, holder: "Hand Maker" }, session: { state: "active" } });
  expect(await maker.complete({ id })).toMatchObject({ session: { state: "completed" } });
});

test("[ASP-29] a lock line alone is a claim too", async () => {
  const { box, clone, maker, other, id } = await setUp();
  claimByHand(box, clone, id, false);
  box.git(join(clone, FOLDER), "push", "--quiet", "origin", "HEAD:berth/ledger");
  await expect(other.claim({ id })).rejects.toMatchObject({ code: "CLAIM_LOST" });
  expect(await maker.claim({ id })).toMatchObject({ claim: { epoch: 1 } });
  expect(box.git(box.hub, "show", "berth/ledger:sessions.lock").split("\n")).toHaveLength(1);
});

test("[ASP-29] a claim made by hand and not pushed is taken up and adopted by its maker's next verb", async () => {
  const { box, clone, maker, other, id } = await setUp();
  claimByHand(box, clone, id);
  expect(await maker.claim({ id })).toMatchObject({ claim: { epoch: 1 } });
  await expect(other.claim({ id })).rejects.toMatchObject({ code: "CLAIM_LOST" });
});

test("[ASP-29] [INV-3] a claim made by hand too late is reported and kept under a name", async () => {
  const { box, clone, maker, other, id } = await setUp();
  expect(await other.claim({ id })).toMatchObject({ claim: { epoch: 1, holder: "other" } });
  claimByHand(box, clone, id);
  const made = box.git(join(clone, FOLDER), "rev-parse", "HEAD");
  const drafted = await maker.draft({ title: "Another thing" });
  if (!("warnings" in drafted)) throw new Error("a dry run was not asked for");
  expect(drafted.warnings.join(" ")).toContain("refs/berth/kept/ledger-");
  expect(box.git(clone, "for-each-ref", "--format=%(objectname)", "refs/berth/kept/")).toBe(made);
  expect(box.git(box.hub, "show", `berth/ledger:active/${id}/claim.yaml`)).toContain("agent: other");
});

test("hand edits of a draft are taken up by ready, and an unusable one is reported with its place", async () => {
  const { box, clone, maker } = await setUp();
  const drafted = await maker.draft({ title: "Edited" });
  if (!("session" in drafted)) throw new Error("a dry run was not asked for");
  const { id } = drafted.session;
  const file = join(clone, FOLDER, "drafting", id, "SESSION.md");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace("title: Edited", "title: [unclosed"));
  await expect(maker.ready({ id })).rejects.toMatchObject({
    code: "INVALID",
    message: expect.stringContaining(`drafting/${id}/SESSION.md`) as string,
  });
  writeFileSync(
    file,
    text.replace(/## Context\n[^#]*/, "## Context\n\nWritten by hand.\n\n").replace("- [ ] ", "- [ ] It is there: "),
  );
  await maker.ready({ id }).catch((error: unknown) => expect(error).toMatchObject({ code: "GATE_REFUSED" }));
  expect(box.git(box.hub, "log", "--format=%s", "berth/ledger")).toContain(`[${id}] Edit by hand`);
});
