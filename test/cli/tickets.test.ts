import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { team } from "../support/session.ts";
import { type Run, runBerth } from "./run-berth.ts";

test("[TKT-02] [TKT-04] [TKT-06] [TKT-11] a ticket from its opening to the next one, on the command line", async () => {
  const { box, home } = await team();
  const dir = join(home, ".worktrees", "training_142");
  const berth = (args: string, cwd = home): Promise<Run> =>
    runBerth(args.split(" "), { cwd, env: { BERTH_HOME: join(box.dir, "machine"), BERTH_AGENT: "otter" } });
  const json = async (args: string, cwd = home): Promise<unknown> => {
    const { stdout, stderr, code } = await berth(`${args} --json`, cwd);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: "" });
    return JSON.parse(stdout);
  };
  const open = "ticket open --phase training --issue 142 --title Train --priority now";
  expect(await json(`${open} --dry-run`)).toMatchObject({ schemaVersion: 1, plan: { branch: "phase/training_142" } });
  expect(existsSync(dir)).toBe(false);
  expect((await berth(`${open} --quiet`)).stdout).toBe(`${dir}\n`);
  const again = await berth(open);
  expect(again.code).toBe(4);
  expect(again.stderr).toMatch(/held by otter, since /);
  expect(again.stderr).toMatch(/training_142 has a branch already: phase\/training_142, last moved by otter/);
  expect(await berth("ticket next")).toMatchObject({ code: 3, stdout: "" });
  const refused = await berth("ticket close --json", dir);
  expect(refused.code).toBe(7);
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "GATE_REFUSED", problems: { length: 4 } } });
  expect((await berth("ticket tick 1 2 3 5", dir)).stdout).toContain("2 [x] Tests show it *\n");
  expect(await json("ticket show", dir)).toMatchObject({ ticket: { name: "training_142" }, left: [], problems: [] });
  expect((await berth("ticket show", dir)).stdout).toContain("4 [ ] Documentation says what changed\n");
  expect(await json("ticket close --dry-run", dir)).toMatchObject({ plan: { next: "validation_142" } });
  expect((await berth("ticket close --quiet", dir)).stdout).toBe("validation_142\n");
  expect((await berth("ticket next --quiet")).stdout).toBe("validation_142\n");
  expect((await berth("ticket next")).stdout).toBe("validation_142 Train\n");
  expect((await berth("ticket list")).stdout).toMatch(/^TICKET .*\ntraining_142 +done .*\nvalidation_142 +open /);
  const offered = await berth("__complete -- ticket take v");
  expect(offered.stdout).toBe("validation_142\tTrain\n");
  expect((await berth("__complete -- ticket show t", dir)).stdout).toBe("training_142\tTrain\n");
  expect(await json("ticket take validation_142")).toMatchObject({
    ticket: { status: "active" },
    workspace: { branch: "phase/validation_142" },
  });
  expect((await berth("ticket take validation_142")).code).toBe(4);
});
