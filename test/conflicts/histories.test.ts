import { expect, test } from "vitest";
import { lines, sandbox } from "../support/sandbox.ts";
import { commit, working } from "../support/session.ts";
import { opened } from "../support/tickets.ts";
import { claimed } from "../support/session.ts";
import { pairsIn, scene } from "./scene.ts";

const edited = (line: number, who: string): string => lines(20).replace(`line ${line}\n`, `line of ${who}\n`);

test("[CFL-01] what two sessions have from each other, or from the base branch, is no conflict", async () => {
  const { box, home, one, alpha, beta } = await scene();
  commit(box, alpha.dir, `[${alpha.id}] feat: a`, { "src/a.txt": edited(3, "alpha") });
  // One goes on from the other's work, in the same lines.
  box.git(beta.dir, "merge", "-q", "--no-verify", "-X", "ours", "-m", `[${beta.id}] feat: both`, `session/${alpha.id}`);
  commit(box, beta.dir, `[${beta.id}] feat: a`, { "src/a.txt": edited(3, "beta") });
  const after = pairsIn(await one.conflicts({}));
  expect(after["alpha beta"] ?? []).toEqual([]);
  box.write(alpha.dir, { "src/a.txt": edited(3, "alpha again") });
  expect(pairsIn(await one.conflicts({}))).toMatchObject({ "alpha beta": ["src/a.txt"] });
  // A session that landed and goes on has nothing of its own there any more.
  const gamma = await working(one, "Gamma");
  commit(box, gamma.dir, `[${gamma.id}] feat: b`, { "src/b.txt": edited(9, "gamma") });
  commit(box, home, "Set up Berth");
  await one.land({ id: gamma.id });
  const landed = pairsIn(await one.conflicts({ ids: [gamma.id] }));
  expect(landed).toEqual({});
  box.write(gamma.dir, { "src/b.txt": edited(9, "gamma again") });
  expect(pairsIn(await one.conflicts({ ids: [gamma.id] }))).toEqual({});
  expect((await one.conflicts({ ids: [gamma.id] })).compared.merged).toBe(0);
});

test("[CFL-01] sessions of tickets and subsessions are sessions like any other", async () => {
  const { box, one, alpha } = await scene();
  const { session } = await opened(one, { session: true });
  const ticket = session?.id ?? "";
  const dir = await claimed(one, ticket);
  const child = await one.subsession({
    session: alpha.id,
    title: "Child",
    context: "It is needed.",
    criteria: ["It works"],
  });
  const { id } = (child as { session: { id: string } }).session;
  await one.ready({ id });
  const below = await claimed(one, id);
  for (const [where, who] of [
    [dir, "ticket"],
    [below, "child"],
    [alpha.dir, "alpha"],
  ] as const)
    box.write(where, { "src/a.txt": edited(3, who) });
  const found = await one.conflicts({});
  expect(found.pairs.map(({ a, b }) => [a, b].toSorted())).toEqual(
    expect.arrayContaining([[alpha.id, id].toSorted(), [alpha.id, ticket].toSorted(), [id, ticket].toSorted()]),
  );
  expect(found.pairs).toHaveLength(3);
});

test("[CFL-01] empty work, and a repository whose objects have longer names, are compared as well", async () => {
  const { box, one, alpha, beta } = await scene();
  for (const { dir } of [alpha, beta]) box.git(dir, "rm", "--quiet", "-r", "--", "src", "README.md");
  expect((await one.conflicts({})).pairs).toEqual([]);
  const long = sandbox({ remote: false });
  long.git(long.dir, "init", "--quiet", "-b", "main", "--object-format=sha256", "long");
  const home = `${long.dir}/long`;
  commit(long, home, "Start", { "src/a.txt": lines(20) });
  const berth = await long.open(home, "agent one");
  await berth.init({});
  const pair = [await working(berth, "Alpha"), await working(await long.open(home, "agent two"), "Beta")];
  for (const { id, dir } of pair) long.write(dir, { "src/a.txt": edited(3, id) });
  expect(pairsIn(await berth.conflicts({}))).toEqual({ "alpha beta": ["src/a.txt"] });
});
