import { expect, test } from "vitest";
import { testServer } from "../support/postgres.ts";
import { lines, sandbox } from "../support/sandbox.ts";
import { commit, working } from "../support/session.ts";
import { pairsIn } from "./scene.ts";

const server = testServer();
const edited = (line: number, who: string): string => lines(20).replace(`line ${line}\n`, `line of ${who}\n`);

test("[CFL-03] on PostgreSQL agents of two machines are told, and what only one machine sees the other takes not back", async () => {
  const box = sandbox();
  const env = { ...process.env, BERTH_DATABASE_URL: await server.database() };
  const home = box.clone("one");
  await (await box.open(home)).init({});
  commit(box, home, "Set up Berth");
  box.git(home, "push", "--quiet", "origin", "main");
  const one = await box.open(home, "one", { env });
  const two = await box.open(box.clone("two"), "two", { env });
  const alpha = await working(one, "Alpha");
  const beta = await working(two, "Beta");
  commit(box, beta.dir, `[${beta.id}] feat: a`, { "src/a.txt": edited(3, "beta") });
  box.git(beta.dir, "push", "--quiet", "origin", `HEAD:session/${beta.id}`);
  box.write(alpha.dir, { "src/a.txt": edited(3, "alpha") });
  expect(pairsIn(await one.conflicts({ fetch: true }))).toEqual({ "alpha beta": ["src/a.txt"] });
  for (const [berth, own] of [
    [one, alpha],
    [two, beta],
  ] as const) {
    const { messages } = await berth.inbox({});
    expect(messages.map(({ kind, text }) => [kind, text.startsWith(`Your work in ${own.id}`)])).toEqual([
      ["conflict.predicted", true],
    ]);
  }
  // What is not committed on the first machine is not known on the second one.
  expect(pairsIn(await two.conflicts({ fetch: true }))).toEqual({});
  expect((await two.status({})).predicted).toMatchObject([{ a: alpha.id, b: beta.id, path: "src/a.txt" }]);
  box.write(alpha.dir, { "src/a.txt": lines(20) });
  await one.conflicts({});
  expect((await two.status({})).predicted).toEqual([]);
});
