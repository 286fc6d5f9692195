import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { learningsPath, topicOf, withNote } from "../../src/knowledge/learnings.ts";
import { planned } from "../support/sandbox.ts";
import { claimed, commit, ledgerFile, listed, refusal, team, working } from "../support/session.ts";

test("[ASP-19] learnings go to the session's own file, by its holder alone, and land with its work", async () => {
  const { box, home, berth } = await team();
  const { id, dir } = await working(berth, "Learn");
  box.write(dir, { "src/half.txt": "half\n" });
  const noted = await berth.learn({ text: "Retry once on 409\nand say so", session: id });
  const file = `_AGENTS/knowledge/sessions/${id}/learnings.md`;
  expect(noted.entry).toMatchObject({ session: id, file });
  await berth.learn({ text: "Clocks drift", session: id });
  expect(box.git(dir, "show", `HEAD:${file}`)).toMatch(
    new RegExp(
      `^# Learnings: ${id}\n\n- \\[[\\d-]+\\] Retry once on 409\n  and say so\n\n- \\[[\\d-]+\\] Clocks drift$`,
    ),
  );
  expect(box.git(dir, "status", "--porcelain")).toBe("?? src/half.txt");
  await refusal(berth.learn({ text: " ", session: id }), "USAGE");
  const other = await box.open(home, "agent two");
  await refusal(other.learn({ text: "Not mine", session: id }), "NOT_HOLDER");
  await berth.complete({ id, commit: true });
  expect(box.git(box.hub, "show", `main:${file}`)).toContain("Clocks drift");
});

test("[ASP-19] [INV-3] a note that git cannot commit now is not left behind, and is noted once when it can", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Locked");
  const lock = join(box.git(dir, "rev-parse", "--absolute-git-dir"), "index.lock");
  for (const text of ["First", "Second"]) {
    writeFileSync(lock, "");
    const refused = await refusal(berth.learn({ text, session: id }), "FAILED");
    expect(refused.message).toContain("nothing was changed");
    rmSync(lock);
    expect(box.git(dir, "status", "--porcelain")).toBe("");
    await berth.learn({ text, session: id });
  }
  const noted = box.git(dir, "show", `HEAD:_AGENTS/knowledge/sessions/${id}/learnings.md`);
  expect(noted.match(/First|Second/g)).toEqual(["First", "Second"]);
});

test("[ASP-20] [ASP-21] completing with learnings plans a knowledge session, which is claimed, merged and completed", async () => {
  const { box, berth } = await team();
  const { id } = await working(berth, "Source");
  await berth.learn({ text: "Tokens expire: refresh early", session: id });
  const done = await berth.complete({ id });
  if (!("kbSession" in done) || done.kbSession === null) throw new Error("no knowledge session");
  const kb = done.kbSession;
  expect(kb).toMatch(/^kb-\d{4}-\d\d-\d\d-merge-tokens-expire-refresh-early$/);
  const text = ledgerFile(box, `planned/${kb}/SESSION.md`);
  expect(text).toContain(`parent: ${id}`);
  expect(text).toContain(`sessions/${id}/learnings.md`);
  expect(text).toContain("Tokens expire: refresh early");

  const merger = await box.open(box.clone("merger"), "librarian");
  const taken = await merger.claim({ next: true });
  if (!("workspace" in taken) || !taken.workspace) throw new Error("not claimed");
  expect(taken.session.id).toBe(kb);
  commit(box, taken.workspace.path, `[${kb}] docs: merge what is known of tokens`, {
    "_AGENTS/knowledge/auth.md": `Refresh tokens early (${id}).\n`,
  });
  await merger.log({ text: "Merged the one note", session: kb });
  expect(await merger.complete({ id: kb, tick: ["all"] })).toMatchObject({
    kbSession: null,
    session: { state: "completed" },
  });
  expect(box.git(box.hub, "show", "main:_AGENTS/knowledge/auth.md")).toContain("Refresh tokens early");
  expect(listed(box, `berth/ledger:completed/${kb}`)).toEqual(
    expect.arrayContaining(["SESSION.md", "worklog.md", `${kb}.patch`]),
  );
});

test("[ASP-20] the same topic twice on a day gives two sessions; no learnings give none; landed learnings count", async () => {
  const { box, berth } = await team();
  const kbs: (string | null)[] = [];
  for (const [name, landFirst] of [
    ["One", false],
    ["Two", true],
  ] as const) {
    const { id } = await working(berth, name);
    await berth.learn({ text: "Same topic", session: id });
    if (landFirst) await berth.land({ id });
    const done = await berth.complete({ id });
    if ("kbSession" in done) kbs.push(done.kbSession);
  }
  expect(kbs[0]).toMatch(/merge-same-topic$/);
  expect(kbs[1]).toBe(`${kbs[0]}-2`);
  const { id } = await working(berth, "Three");
  expect(await berth.complete({ id })).toMatchObject({ kbSession: null });
  expect(listed(box, "berth/ledger:planned")).toHaveLength(3);
});

test("[ASP-26] two knowledge sessions on one file: whoever lands second merges the first one's text", async () => {
  const { box, berth } = await team({ files: { "_AGENTS/knowledge/auth.md": "# Auth\n" } });
  const ids = ["kb-2025-10-14-merge-a", "kb-2025-10-14-merge-b"];
  const dirs: string[] = [];
  for (const id of ids) {
    await planned(berth, id, { id });
    dirs.push(await claimed(berth, id));
  }
  for (const [i, id] of ids.entries())
    commit(box, dirs[i] ?? "", `[${id}] docs: merge`, { "_AGENTS/knowledge/auth.md": `# Auth\n${id}\n` });
  await berth.complete({ id: ids[0] });
  const error = await refusal(berth.complete({ id: ids[1] }), "MERGE_CONFLICT");
  expect(error.message).toContain(`_AGENTS/knowledge/auth.md (with ${ids[0]})`);
});

test("[ASP-19] learnings are one file a session, with a topic that is its first real line", () => {
  expect(learningsPath("_AGENTS/knowledge", "2025-10-14-x")).toBe(
    "_AGENTS/knowledge/sessions/2025-10-14-x/learnings.md",
  );
  expect(topicOf("# Learnings: x\n\n- [2025-10-14] **Tokens** expire\n")).toBe("**Tokens** expire");
  expect(topicOf("")).toBe("learnings");
  expect(withNote("# Learnings: x\n- a", "x", "2025-10-14T09:00:00Z", " b ")).toBe(
    "# Learnings: x\n- a\n\n- [2025-10-14] b\n",
  );
});
