import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import type { StepName } from "../../src/progress.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { refusal, team, working } from "../support/session.ts";

/** A workspace with a checkpoint and other work since, opened so that somebody else writes at one of the steps. */
async function disturbed(
  at: StepName,
  write: (box: Sandbox, dir: string) => void,
): Promise<{ readonly box: Sandbox; readonly dir: string; readonly ref: string; readonly inside: Berth }> {
  const { box, berth } = await team({ remote: false });
  const { dir } = await working(berth, "One");
  box.write(dir, { "src/a.txt": "kept\n" });
  const plain = await box.open(dir);
  const taken = await plain.checkpoint({});
  if (!("checkpoint" in taken)) throw new Error("no checkpoint");
  box.write(dir, { "src/a.txt": "later\n" });
  const inside = await box.open(dir, undefined, {
    progress: ({ name }) => {
      if (name === at) write(box, dir);
    },
  });
  return { box, dir, ref: taken.checkpoint.ref, inside };
}

test("[XCS-19] [INV-3] a file that is written between the plan of a restoring and its turn stays, and the restoring ends", async () => {
  const { dir, ref, inside } = await disturbed("restore.planned", (box, at) =>
    box.write(at, { "src/a.txt": "just now\n" }),
  );
  const error = await refusal(inside.checkpointRestore({ ref }), "WOULD_LOSE_WORK");
  expect(error.message).toContain("src/a.txt");
  expect(readFileSync(join(dir, "src/a.txt"), "utf8")).toBe("just now\n");
});

test("[XCS-19] what was written beside a restoring is found at its end: it is not told that all is as it was", async () => {
  const { box, dir, ref, inside } = await disturbed("restore.files", (sandbox, at) =>
    sandbox.write(at, { "src/b.txt": "beside\n" }),
  );
  const error = await refusal(inside.checkpointRestore({ ref }), "FAILED");
  expect(error.message).toContain("is not exactly what");
  expect(error.message).toContain("files");
  expect(readFileSync(join(dir, "src/b.txt"), "utf8")).toBe("beside\n");
  // What was there before is kept, and the same verb brings the rest back when nobody disturbs it.
  const kept = box.git(dir, "for-each-ref", "--format=%(refname)", "refs/berth/checkpoints").split("\n");
  expect(kept.some((name) => box.git(dir, "show", `${name}:src/a.txt`) === "later")).toBe(true);
  await (await box.open(dir)).checkpointRestore({ ref });
  expect(readFileSync(join(dir, "src/a.txt"), "utf8")).toBe("kept\n");
});
