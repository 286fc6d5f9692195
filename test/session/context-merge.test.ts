import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseFrontMatter } from "../../src/document/front-matter.ts";
import { CENTRAL } from "../support/contexts.ts";
import { planned, type Sandbox } from "../support/sandbox.ts";
import { claimed, commit, refusal, type Team, team } from "../support/session.ts";

const TICKET = "tickets/training_142/ACTIVE_SESSION.md";

/** A ticket on the base branch, and two sessions that both know it. */
async function two(): Promise<Team & { readonly dirs: readonly string[]; readonly ids: readonly string[] }> {
  const made = await team();
  const { box, home, berth } = made;
  box.write(home, { [TICKET]: CENTRAL, "src/a.txt": "a\n" });
  box.git(home, "add", "--all");
  box.git(home, "commit", "--quiet", "-m", "A ticket");
  box.git(home, "push", "--quiet", "origin", "main");
  const ids = [await planned(berth, "One"), await planned(berth, "Two")];
  return { ...made, ids, dirs: await Promise.all(ids.map((id) => claimed(berth, id))) };
}

function changed(box: Sandbox, dir: string, id: string, add: string): void {
  const text = readFileSync(join(dir, TICKET), "utf8");
  const list = text
    .replace("decisions:\n", `decisions:\n  - ${add}\n`)
    .replace(/last_updated: .*/, `last_updated: 2026-03-0${add.length}T10:00:00Z`);
  commit(box, dir, `[${id}] docs: ticket`, { [TICKET]: list });
}

test("[CTX-12] [TKT-12] a context that two sessions changed in different values lands without a conflict, though its lines do", async () => {
  const { box, berth, dirs, ids } = await two();
  for (const [at, id] of ids.entries()) changed(box, dirs[at] ?? "", id, at === 0 ? "Short" : "Longer");
  for (const id of ids) await berth.complete({ id });
  const { data } = parseFrontMatter(box.git(box.hub, "show", `main:${TICKET}`), TICKET);
  expect(data).toMatchObject({
    decisions: expect.arrayContaining(["Short", "Longer", "Tokens, not cookies"]) as unknown,
    last_updated: "2026-03-06T10:00:00Z",
  });
});

test("[CTX-12] a sync leaves for people only what values cannot decide", async () => {
  const { box, berth, dirs, ids } = await two();
  const [one = "", other = ""] = dirs;
  changed(box, one, ids[0] ?? "", "Short");
  commit(box, one, `[${ids[0]}] feat: a`, { "src/a.txt": "one\n" });
  await berth.complete({ id: ids[0] ?? "" });
  changed(box, other, ids[1] ?? "", "Longer");
  commit(box, other, `[${ids[1]}] feat: a`, { "src/a.txt": "two\n" });
  const error = await refusal(berth.sync({ id: ids[1] ?? "" }), "MERGE_CONFLICT");
  expect(error.facts["files"]).toMatchObject([{ path: "src/a.txt" }]);
  expect(box.git(other, "diff", "--name-only", "--diff-filter=U")).toBe("src/a.txt");
  expect(readFileSync(join(other, TICKET), "utf8")).toContain("- Short");
  box.write(other, { "src/a.txt": "both\n" });
  box.git(other, "add", "src/a.txt");
  box.git(other, "commit", "--quiet", "--no-edit");
  await berth.complete({ id: ids[1] ?? "" });
  expect(box.git(box.hub, "show", `main:${TICKET}`)).toContain("- Longer");
});

test("[CTX-12] where both changed one value of a context, it is a conflict that names the file, and nothing is lost", async () => {
  const { box, berth, dirs, ids } = await two();
  for (const [at, dir] of dirs.entries())
    commit(box, dir, `[${ids[at]}] docs: mode`, {
      [TICKET]: readFileSync(join(dir, TICKET), "utf8").replace(
        "mode: build",
        at === 0 ? "mode: design" : "mode: scope",
      ),
    });
  await berth.complete({ id: ids[0] ?? "" });
  const error = await refusal(berth.complete({ id: ids[1] ?? "" }), "MERGE_CONFLICT");
  expect(error.message).toContain(TICKET);
});
