import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { claim, floorClaim } from "./claims.ts";
import { inTurn, measure, type Sample } from "./measure.ts";
import { type Content, type Hub, makeHub } from "./hub.ts";
import { compared, type Row } from "./row.ts";
import type { Stage } from "./stage.ts";

const VERBS = ["claim", "list", "complete"] as const;
type Verb = (typeof VERBS)[number];
type Times = Readonly<Record<Verb, readonly Sample[]>>;

/** How claim, list and complete grow with the sessions and with the files of a repository. */
export async function growthRow(stage: Stage, quick: boolean): Promise<Row[]> {
  const sessions = quick ? [10, 1000] : [10, 100, 1000, 10_000];
  const files = quick ? [200, 2000] : [200, 2000, 20_000];
  return [...(await bySessions(stage, quick, sessions)), ...(await byFiles(stage, quick, files))];
}

async function bySessions(stage: Stage, quick: boolean, sizes: readonly number[]): Promise<Row[]> {
  const rounds = quick ? 3 : 7;
  const hubs = sizes.map((finished) => makeHub(stage, { files: 200, finished, planned: rounds + 1, clones: 1 }));
  const times = await lives(stage, hubs, rounds);
  const least = `the same with ${sizes[0]}`;
  return VERBS.flatMap((verb) =>
    sizes.map((size, at) => {
      const title = `${verb}, ${size} finished sessions`;
      return compared(
        { id: "growth", title, floorName: least, bar: null },
        times[at]?.[verb] ?? [],
        times[0]?.[verb] ?? [],
      );
    }),
  );
}

async function byFiles(stage: Stage, quick: boolean, sizes: readonly number[]): Promise<Row[]> {
  const rounds = quick ? 2 : 5;
  const contents = sizes.map((files): Content => ({ files, finished: 10, planned: rounds + 1, clones: 1 }));
  const hubs = contents.map((content) => makeHub(stage, content));
  const floors = contents.map((content) => makeHub(stage, content));
  const times = await lives(stage, hubs, rounds);
  const least = `the same with ${sizes[0]}`;
  const rows: Row[] = [];
  for (const verb of VERBS) {
    for (const [at, size] of sizes.entries()) {
      const [own, first] = [times[at]?.[verb] ?? [], times[0]?.[verb] ?? []];
      rows.push(compared({ id: "growth", title: `${verb}, ${size} files`, floorName: least, bar: null }, own, first));
    }
  }
  for (const [at, size] of sizes.entries()) {
    const [clone, session] = [floors[at]?.clones[0] ?? "", floors[at]?.session];
    const { floor } = await inTurn(rounds, { floor: (round) => floorClaim(stage, clone, session?.(round) ?? "") });
    const row = { id: "growth", title: `claim, ${size} files`, floorName: "git commands in a shell script", bar: null };
    rows.push(compared(row, times[at]?.claim ?? [], floor));
  }
  return rows;
}

/** Claims, lists and completes a session in each hub in turn, as often as there are rounds. */
async function lives(stage: Stage, hubs: readonly Hub[], rounds: number): Promise<Times[]> {
  const contenders: Record<string, (round: number) => Promise<Sample>> = {};
  for (const [at, hub] of hubs.entries()) {
    const cwd = hub.clones[0] ?? "";
    const berth = (...args: readonly string[]): Promise<Sample> =>
      measure([...stage.program, ...args], { cwd, env: stage.env });
    contenders[`claim ${at}`] = (round) => claim(stage, cwd, hub.session(round));
    contenders[`list ${at}`] = () => berth("list", "--all", "--json");
    contenders[`complete ${at}`] = (round) => {
      work(stage, cwd, hub.session(round));
      return berth("complete", hub.session(round), "--json");
    };
  }
  const samples = await inTurn(rounds, contenders);
  return hubs.map((_hub, at) => ({
    claim: samples[`claim ${at}`] ?? [],
    list: samples[`list ${at}`] ?? [],
    complete: samples[`complete ${at}`] ?? [],
  }));
}

/** One commit in the workspace; not part of what is measured. */
function work(stage: Stage, clone: string, id: string): void {
  const cwd = join(clone, ".worktrees", id);
  writeFileSync(join(cwd, `${id}.txt`), `${id}\n`);
  for (const args of [
    ["add", "--all"],
    ["commit", "--quiet", "--no-verify", "-m", `[${id}] feat: add a file`],
  ]) {
    execFileSync("git", args, { cwd, env: stage.env });
  }
}
