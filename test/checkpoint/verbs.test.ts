import { join } from "node:path";
import { expect, test } from "vitest";
import { openBerth } from "../../src/open.ts";
import { commit, refusal, team, working } from "../support/session.ts";

test("[XCS-19] checkpoints are listed newest first, shown with all they hold, and found by any of their names", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Kept");
  const here = await box.open(dir, "agent one");
  await here.setSession({ mode: "planning" });
  box.write(dir, { "loose.txt": "one\n" });
  expect(await here.checkpoint({ dryRun: true })).toEqual({ plan: { session: id, workspace: dir } });
  const first = await here.checkpoint({ message: "first\nof two" });
  box.write(dir, { "loose.txt": "two\n" });
  const second = await here.checkpoint();
  if (!("checkpoint" in first) || !("checkpoint" in second)) throw new Error("a dry run was not asked for");
  expect(first.checkpoint).toMatchObject({ files: 1, commit: box.git(home, "rev-parse", first.checkpoint.ref) });
  const { checkpoints } = await berth.checkpointList();
  expect(new Set(checkpoints.map(({ ref }) => ref))).toEqual(new Set([first.checkpoint.ref, second.checkpoint.ref]));
  expect(checkpoints.find(({ ref }) => ref === first.checkpoint.ref)).toMatchObject({
    session: id,
    agent: "agent one",
    message: "first of two",
    branch: `refs/heads/session/${id}`,
    files: 1,
    problem: null,
  });
  for (const name of [first.checkpoint.ref, first.checkpoint.ref.split("/").at(-1) ?? "", first.checkpoint.commit]) {
    const { checkpoint } = await berth.checkpointShow({ ref: name });
    expect(checkpoint).toMatchObject({ ref: first.checkpoint.ref, state: { currentMode: "planning" } });
    expect(checkpoint.files.map(({ path }) => path)).toEqual(["loose.txt"]);
  }
  await refusal(berth.checkpointShow({ ref: "nothing" }), "NOT_FOUND");
  await refusal(berth.checkpoint(), "USAGE");
});

test("[XCS-19] a checkpoint pushes the session branch, and is taken all the same where the hub is away", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Kept");
  const tip = commit(box, dir, `[${id}] feat: more`, { "more.txt": "more\n" });
  await berth.checkpoint({ id });
  expect(box.git(box.hub, "rev-parse", `session/${id}`)).toBe(tip);
  box.git(home, "remote", "set-url", "origin", join(box.dir, "nowhere"));
  const away = await openBerth(home, { env: process.env, agent: "agent one", machineDir: join(box.dir, "machine") });
  const taken = await away.checkpoint({ id });
  away.close();
  if (!("checkpoint" in taken)) throw new Error("a dry run was not asked for");
  expect(taken.warnings.join()).toContain("was not pushed");
  expect(box.git(home, "rev-parse", taken.checkpoint.ref)).toBe(taken.checkpoint.commit);
});

test("[INV-8] what is damaged, or only looks like a checkpoint, is named and never restored", async () => {
  const { box, home, berth } = await team();
  const { id } = await working(berth, "Kept");
  box.git(home, "update-ref", `refs/berth/checkpoints/${id}/by-hand`, "HEAD");
  const { checkpoints } = await berth.checkpointList({ id });
  expect(checkpoints[0]?.problem).toContain("no manifest");
  await refusal(berth.checkpointRestore({ ref: "by-hand" }), "UNREADABLE");
});
