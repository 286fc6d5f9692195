import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { bindVerbs, type Verbs } from "../../src/verbs.ts";
import { lines, planned } from "../support/sandbox.ts";
import { commit, working } from "../support/session.ts";
import { pairsIn, scene } from "./scene.ts";

const edited = (line: number, who: string): string => lines(20).replace(`line ${line}\n`, `line of ${who}\n`);

async function predictions(berth: Berth, agent?: string): Promise<string[]> {
  const { messages } = await berth.inbox({ all: true, ...(agent === undefined ? {} : { agent }) });
  return messages.filter(({ kind }) => kind === "conflict.predicted").map(({ text }) => text);
}

test("[CFL-03] both agents are told of a conflict once, however many look, and not again while it stands", async () => {
  const { box, home, one, two, alpha, beta } = await scene();
  const watchers = await Promise.all(["three", "four", "five"].map((name) => box.open(home, name)));
  const stop = new AbortController();
  const news = await Promise.all(watchers.map((berth) => berth.watchConflicts({ signal: stop.signal })));
  for (const changes of news) expect((await changes.next()).value?.changes).toEqual([]);
  box.write(alpha.dir, { "src/a.txt": edited(3, "alpha") });
  box.write(beta.dir, { "src/a.txt": edited(3, "beta") });
  for (const changes of news) {
    const { value } = await changes.next();
    expect(value?.changes).toMatchObject([{ kind: "conflict.predicted", pair: { a: alpha.id, b: beta.id } }]);
  }
  const text = `Your work in ${alpha.id} conflicts with that of agent two in ${beta.id}: src/a.txt line 3. Nothing has landed yet: berth conflicts ${alpha.id} ${beta.id}`;
  expect(await predictions(one)).toEqual([text]);
  expect(await predictions(two)).toHaveLength(1);
  // A second file is news; the first one is not told again.
  box.write(alpha.dir, { "src/b.txt": edited(9, "alpha") });
  box.write(beta.dir, { "src/b.txt": edited(9, "beta") });
  const changed = await Promise.all(news.map((changes) => changes.next()));
  expect(changed.map(({ value }) => value?.changes.at(-1)?.kind)).toEqual(Array(3).fill("conflict.changed"));
  await expect.poll(() => predictions(two).then((texts) => texts.join("\n").match(/src\/b\.txt/g))).toHaveLength(1);
  expect((await predictions(two)).join("\n").match(/src\/a\.txt/g)).toHaveLength(1);
  stop.abort();
  for (const changes of news) expect((await changes.next()).done).toBe(true);
});

test("[CFL-03] two who found the same before either of them told tell it once", async () => {
  const { box, one, two, alpha, beta } = await scene();
  box.write(alpha.dir, { "src/a.txt": edited(3, "alpha") });
  box.write(beta.dir, { "src/a.txt": edited(3, "beta") });
  const both = Promise.withResolvers<void>();
  let waiting = 0;
  // Each has looked at what stands, and waits for the other one before it tells.
  const together = ({ project }: Berth): Verbs => {
    const { store } = project;
    const tell: typeof store.tell = async (work, signal) => {
      if (++waiting === 2) both.resolve();
      await both.promise;
      return store.tell(work, signal);
    };
    return bindVerbs({ ...project, store: { ...store, tell } });
  };
  await Promise.all([one, two].map((berth) => together(berth).conflicts({})));
  expect(waiting).toBe(2);
  expect(await predictions(one)).toHaveLength(1);
  expect(await predictions(two)).toHaveLength(1);
});

test("[CFL-03] the feed tells when conflicts come and go, status what stands, and one that comes back soon is no news", async () => {
  const { box, one, two, alpha, beta } = await scene();
  const stop = new AbortController();
  const changes = await one.watch({ signal: stop.signal });
  const kinds: string[] = [];
  const reading = (async () => {
    for await (const { kind, data } of changes)
      if (kind.startsWith("conflict.")) kinds.push(`${kind} ${JSON.stringify(data["paths"] ?? data["files"])}`);
  })();
  box.write(alpha.dir, { "src/a.txt": edited(3, "alpha") });
  box.write(beta.dir, { "src/a.txt": edited(3, "beta") });
  await two.conflicts({});
  const standing = (await one.status({})).predicted;
  expect(standing).toMatchObject([{ a: alpha.id, b: beta.id, path: "src/a.txt", kind: "content" }]);
  // Who looks at others only has not seen that it is gone.
  box.write(beta.dir, { "src/a.txt": lines(20) });
  const gamma = await working(one, "Gamma");
  await one.conflicts({ ids: [gamma.id] });
  expect((await one.status({})).predicted).toHaveLength(1);
  await one.conflicts({});
  expect((await one.status({})).predicted).toEqual([]);
  box.write(beta.dir, { "src/a.txt": edited(3, "beta") });
  await one.conflicts({});
  expect((await one.status({})).predicted).toHaveLength(1);
  expect(await predictions(one)).toHaveLength(1);
  await expect
    .poll(() => kinds.map((kind) => kind.split(" ")[0]))
    .toEqual(["conflict.predicted", "conflict.gone", "conflict.predicted"]);
  // A session that ends conflicts with nobody.
  await two.abandon({ id: beta.id, reason: "no use" });
  expect((await one.status({})).predicted).toEqual([]);
  await one.conflicts({});
  await expect.poll(() => kinds).toHaveLength(4);
  stop.abort();
  await reading;
});

test("[CFL-03] a conflict with the base branch is told to the session's agent, with what brings it in", async () => {
  const { box, home, one, two, alpha } = await scene();
  box.write(alpha.dir, { "src/a.txt": edited(3, "alpha") });
  box.write(home, { "src/a.txt": edited(3, "main") });
  box.git(home, "commit", "--quiet", "-am", "Main moves");
  await two.conflicts({});
  expect(await predictions(one)).toEqual([
    `Your work in ${alpha.id} conflicts with main: src/a.txt line 3. Nothing has landed yet: berth sync ${alpha.id}`,
  ]);
  expect(await predictions(two)).toEqual([]);
});

test("[CFL-03] a look that began before somebody else's news does not take it back", async () => {
  const { box, one, two, alpha, beta } = await scene();
  const { tellPredicted } = await import("../../src/coordination/predicted.ts");
  box.write(alpha.dir, { "src/a.txt": edited(3, "alpha") });
  box.write(beta.dir, { "src/a.txt": edited(3, "beta") });
  const pair = { a: alpha.id, b: beta.id };
  const ids = new Set([alpha.id, beta.id]);
  const nothing = { active: ids, here: ids, compared: [pair], base: "main", conflicts: [] };
  const store = await one.project.store.open();
  const { lastSeq } = await import("../../src/store/feed.ts");
  const asOf = await store.read(lastSeq);
  await two.conflicts({});
  await tellPredicted(one.project, { ...nothing, asOf });
  expect((await one.status({})).predicted).toHaveLength(1);
  // Nor does one that saw less: somebody else's files may be as they were.
  const later = await store.read(lastSeq);
  await tellPredicted(one.project, { ...nothing, asOf: later, here: new Set([alpha.id]) });
  expect((await one.status({})).predicted).toHaveLength(1);
  await tellPredicted(one.project, { ...nothing, asOf: later });
  expect((await one.status({})).predicted).toEqual([]);
});

test("[CFL-04] a claim and its dry run are told what others have changed on the paths of the plan", async () => {
  const { box, one, alpha, beta } = await scene();
  commit(box, alpha.dir, `[${alpha.id}] feat: a`, { "src/a.txt": edited(3, "alpha") });
  box.write(beta.dir, { "src/deep/new.ts": "beta\n", "src/b.txt": edited(3, "beta"), "other.txt": "beta\n" });
  const id = await planned(one, "Omega", { paths: ["src/a.txt", "src/**/*.ts"] });
  const quiet = await planned(one, "Quiet", { paths: ["docs/**"] });
  const expected = [
    `${alpha.id} (agent one) has changed what the plan names already: src/a.txt.`,
    `${beta.id} (agent two) has changed what the plan names already: src/deep/new.ts, not all of it committed.`,
  ];
  expect((await one.claim({ id, dryRun: true })).warnings).toEqual(expected);
  expect((await one.claim({ id })).warnings).toEqual(expected);
  expect((await one.claim({ id: quiet })).warnings).toEqual([]);
  expect(pairsIn(await one.conflicts({}))).toEqual({});
});
