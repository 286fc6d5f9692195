import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gitEnvironment } from "../../src/git/environment.ts";
import { findRepository } from "../../src/git/repository.ts";
import { setWorktreeConfig } from "../../src/git/worktree.ts";
import { sandbox, type Sandbox } from "../support/sandbox.ts";
import { commit, refusal, working } from "../support/session.ts";

/** A repository as git may be told to lay it out: where its work tree is, and its git directory. */
const layouts: Readonly<
  Record<string, (box: Sandbox) => { top: string | null; common: string; from: string; known?: null }>
> = {
  "a plain clone": (box) => {
    const top = box.clone("plain ünï");
    return { top, common: join(top, ".git"), from: top };
  },
  "a submodule": (box) => {
    const outer = join(box.dir, "outer");
    box.git(box.dir, "init", "--quiet", outer);
    box.git(outer, "submodule", "--quiet", "add", box.hub, "deep/sub mod");
    const top = join(outer, "deep/sub mod");
    return { top, common: join(outer, ".git/modules/deep/sub mod"), from: top };
  },
  "a clone with its git directory elsewhere": (box) => {
    const [top, common] = [join(box.dir, "work"), join(box.dir, "elsewhere")];
    box.git(box.dir, "clone", "--quiet", `--separate-git-dir=${common}`, box.hub, top);
    // Nothing in it says where the main work tree is.
    return { top, common, from: top, known: null };
  },
  "a bare repository": (box) => ({ top: null, common: box.hub, from: box.hub }),
};

for (const [layout, make] of Object.entries(layouts)) {
  test(`[INV-8] ${layout} is found from its top, a folder below and a linked work tree, also when that has settings of its own`, async () => {
    const box = sandbox();
    const { top, common, from, known = top } = make(box);
    const env = gitEnvironment(process.env);
    const linked = join(box.dir, "linked tree");
    box.git(from, "worktree", "add", "--quiet", "--detach", linked);
    mkdirSync(join(linked, "below"));
    for (const settled of [false, true]) {
      if (settled) await setWorktreeConfig({ dir: from, env }, linked, { "core.hooksPath": "/nowhere" });
      expect(await findRepository({ dir: from, env })).toMatchObject({
        mainTop: top,
        commonDir: common,
        gitDir: common,
      });
      for (const dir of [linked, join(linked, "below")]) {
        expect(await findRepository({ dir, env })).toMatchObject({ top: linked, mainTop: known, commonDir: common });
      }
      expect(box.git(linked, "status", "--porcelain")).toBe("");
      expect(box.git(from, "rev-parse", "--is-bare-repository")).toBe(String(top === null));
    }
    expect(box.git(from, "config", "--default", "none", "--get", "core.hooksPath")).toBe("none");
  });
}

test("[ASP-08] a workspace of a clone whose git directory is elsewhere knows its main checkout, and completes from inside", async () => {
  const box = sandbox();
  const { from } = layouts["a clone with its git directory elsewhere"]?.(box) ?? { from: "" };
  const berth = await box.open(from, "agent one");
  await berth.init({});
  const { id, dir } = await working(berth, "Elsewhere");
  expect(dir).toBe(join(from, ".worktrees", id));
  commit(box, dir, `[${id}] feat: c`, { "src/c.txt": "c\n" });
  const inside = await box.open(dir);
  expect(inside.project.repository.mainTop).toBe(from);
  expect(await inside.complete({})).toMatchObject({ session: { state: "completed" } });
});

test("[INV-8] a folder outside of any repository, and one that is gone, are refused by name", async () => {
  const box = sandbox();
  const env = gitEnvironment(process.env);
  expect((await refusal(findRepository({ dir: box.dir, env }), "NOT_A_REPOSITORY")).message).toContain(box.dir);
  await refusal(findRepository({ dir: join(box.dir, "gone"), env }), "GIT_FAILED");
});
