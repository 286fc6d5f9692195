import { join } from "node:path";
import { expect, test } from "vitest";
import { planned, type Sandbox, sandbox } from "../support/sandbox.ts";

function commit(box: Sandbox, dir: string, id: string, path: string, text: string): void {
  box.write(dir, { [path]: text });
  box.git(dir, "add", path);
  box.git(dir, "commit", "--quiet", "-m", `[${id}] feat: write ${path}`);
}

test("[ASP-23] trailers survive the squash, and trace leads from commit and path back to session, agent, plan and patch", async () => {
  const box = sandbox();
  const clone = box.clone("one");
  const first = await box.open(clone, "first agent");
  await first.init({});
  const id = await planned(first, "Shared work");
  await first.claim({ id });
  commit(box, join(clone, ".worktrees", id), id, "src/one.txt", "one\n");
  await first.release({ id, reason: "the second knows it better" });
  const second = await box.open(clone, "second agent");
  await second.claim({ id });
  const workspace = (await second.path({ id })).path;
  commit(box, workspace, id, "src/two.txt", "two\n");
  const done = await second.complete({ id });
  if (!("landed" in done) || !done.landed) throw new Error("nothing landed");

  const body = box.git(box.hub, "log", "-1", "--format=%B", "main");
  expect(body).toMatch(new RegExp(`^\\[${id}\\] feat: Shared work$`, "m"));
  for (const line of [`Berth-Session: ${id}`, "Berth-Agent: second agent", "Berth-Epoch: 2"])
    expect(body).toContain(line);
  for (const who of ["first agent", "second agent"]) expect(body).toContain(`Co-authored-by: ${who} <`);

  for (const target of [done.landed.commit, "main", "src/one.txt"]) {
    const { entries } = await second.trace({ target: target === "main" ? "origin/main" : target });
    expect(entries[0]).toMatchObject({
      commit: done.landed.commit,
      session: id,
      agent: "second agent",
      epoch: 2,
      state: "completed",
      plan: `completed/${id}/SESSION.md`,
      patch: `completed/${id}/${id}.patch`,
    });
    expect(box.git(box.hub, "show", `berth/ledger:${entries[0]?.patch ?? ""}`)).toContain("src/two.txt");
  }
  await expect(second.trace({ target: "no/such/path" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(second.trace({ target: "--output=/tmp/x" })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("[ASP-23] a commit that no session landed is shown as such", async () => {
  const box = sandbox();
  const berth = await box.open(box.clone("one"), "agent");
  await berth.init({});
  const { entries } = await berth.trace({ target: "src/a.txt" });
  expect(entries).toHaveLength(1);
  expect(entries[0]).toMatchObject({ session: null, plan: null, patch: null });
});
