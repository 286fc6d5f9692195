import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Sandbox } from "../support/sandbox.ts";
import { claimed, commit, refusal, team, working } from "../support/session.ts";
import { planned } from "../support/sandbox.ts";

function kept(box: Sandbox, home: string, id: string): string[] {
  const said = box.git(home, "for-each-ref", "--format=%(refname)", `refs/berth/checkpoints/${id}/`);
  return said.split("\n").filter(Boolean);
}

test("[XCS-19] while an agent runs, changed work is kept now and then, and nothing twice", async () => {
  const { box, home, berth } = await team({ settings: { checkpoint: { every: 1 } } });
  const { id, dir } = await working(berth, "Kept");
  const here = await box.open(dir, "agent one", { beats: true });
  expect(await here.checkpointIfChanged()).toEqual({ checkpoint: null });
  box.write(dir, { "loose.txt": "one\n" });
  await expect.poll(() => kept(box, home, id).length, { timeout: 10_000 }).toBe(1);
  here.close();
  const still = await box.open(dir, "agent one");
  expect(await still.checkpointIfChanged()).toEqual({ checkpoint: null });
  box.write(dir, { "loose.txt": "two\n" });
  expect(await still.checkpointIfChanged()).toMatchObject({ checkpoint: { files: 1 } });
  expect(kept(box, home, id)).toHaveLength(2);
  expect(await berth.checkpointIfChanged()).toEqual({ checkpoint: null });
}, 30_000);

test("[XCS-19] [INV-3] completing keeps what it commits as it was, and a sync the conflicts it leaves", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Kept");
  commit(box, dir, `[${id}] feat: own`, { "src/a.txt": "own\n" });
  const other = await working(berth, "Other");
  commit(box, other.dir, `[${other.id}] feat: theirs`, { "src/a.txt": "theirs\n" });
  await berth.land({ id: other.id });
  await refusal(berth.sync({ id }), "MERGE_CONFLICT");
  const [conflict = ""] = kept(box, home, id);
  expect((await berth.checkpointShow({ ref: conflict })).checkpoint.operation.map(({ path }) => path)).toContain(
    "MERGE_HEAD",
  );
  box.write(dir, { "src/a.txt": "both\n" });
  box.git(dir, "add", "src/a.txt");
  box.git(dir, "commit", "-q", "--no-verify", "--no-edit");
  box.write(dir, { "src/rest.txt": "staged\n" });
  box.git(dir, "add", "src/rest.txt");
  box.write(dir, { "src/rest.txt": "on the disk\n" });
  await berth.complete({ id, commit: true, tick: ["all"] });
  const last = kept(box, home, id).find((ref) => ref !== conflict) ?? "";
  expect(box.git(home, "show", `${last}^2:staged/src/rest.txt`)).toBe("staged");
  expect(box.git(home, "show", `${last}:src/rest.txt`)).toBe("on the disk");
});

test("[XCS-19] [INV-3] a take-over keeps a workspace whose HEAD is on no branch", async () => {
  const { box, home, berth } = await team();
  const id = await planned(berth, "Kept");
  const dir = await claimed(berth, id);
  box.git(dir, "switch", "-q", "--detach");
  commit(box, dir, "Beside the branch", { "a.txt": "one\n" });
  box.write(dir, { "loose.txt": "loose\n" });
  const heir = await box.open(home, "heir");
  const taken = await heir.recover({ id, takeOver: true, force: true });
  expect(taken).toMatchObject({ claim: { holder: "heir" } });
  const [ref = ""] = kept(box, home, id);
  expect(box.git(home, "show", `${ref}:loose.txt`)).toBe("loose");
  const then = join(box.dir, "then");
  await heir.checkpointRestore({ ref, to: then });
  expect(box.git(then, "log", "-1", "--format=%s")).toBe("Beside the branch");
  expect(readFileSync(join(then, "loose.txt"), "utf8")).toBe("loose\n");
});
