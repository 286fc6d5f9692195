import { join } from "node:path";
import { expect, test } from "vitest";
import { planned } from "../support/sandbox.ts";
import { claimed, commit, refs, refusal, team, working } from "../support/session.ts";

test("[ASP-19] [ASP-21] canonical knowledge and others' learnings are refused at commit, at push and at the landing", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Wise");
  const inside = await box.open(dir);
  for (const [path, why] of [
    ["_AGENTS/knowledge/auth.md", "only kb- sessions change canonical knowledge"],
    ["_AGENTS/knowledge/sessions/2025-01-01-other/learnings.md", "learnings of another session"],
  ] as const) {
    box.write(dir, { [path]: "Mine.\n", "../message": `[${id}] docs: wise\n` });
    box.git(dir, "add", "--all");
    const early = await refusal(inside.gate({ hook: "commit-msg", args: [join(dir, "../message")] }), "GATE_REFUSED");
    expect(early.message).toContain(why);
    const tip = commit(box, dir, `[${id}] docs: wise`);
    const input = `refs/heads/x ${tip} refs/heads/session/${id} ${"0".repeat(40)}\n`;
    expect((await refusal(inside.gate({ hook: "pre-push", args: [], input }), "GATE_REFUSED")).message).toContain(why);
    const before = refs(box);
    for (const end of ["land", "complete"] as const) {
      const late = await refusal(berth[end]({ id }), "GATE_REFUSED");
      expect(late.message).toContain(why);
      expect(late.message).toContain(path);
    }
    expect(refs(box)).toBe(before);
    box.git(dir, "rm", "--quiet", path);
    commit(box, dir, `[${id}] docs: not mine`);
  }
  await berth.learn({ text: "One's own learnings are fine", session: id });
  await expect(berth.land({ id })).resolves.toMatchObject({ landed: { base: "main" } });
});

test("[ASP-21] [ASP-26] a kb- session changes canonical knowledge, and nobody's learnings", async () => {
  const { box, berth } = await team();
  const id = await planned(berth, "Merge", { id: "kb-2025-10-14-merge-auth" });
  const dir = await claimed(berth, id);
  commit(box, dir, `[${id}] docs: merge`, { "_AGENTS/knowledge/auth.md": "Known.\n" });
  await expect(berth.land({ id })).resolves.toMatchObject({ landed: { base: "main" } });
  commit(box, dir, `[${id}] docs: tidy`, { "_AGENTS/knowledge/sessions/2025-01-01-other/learnings.md": "x\n" });
  await refusal(berth.land({ id }), "GATE_REFUSED");
});
