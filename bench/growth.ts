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
type Times = Readonly<Record<Verb | "floor", readonly Sample[]>>;

/** How claim, list and complete grow with the sessions and with the files of a repository. */
export async function growthRow(stage: Stage, quick: boolean): Promise<Row[]> {
  const rounds = quick ? 3 : 7;
  const hubOf = (content: Pick<Content, "files" | "finished">): Hub =>
    makeHub(stage, { ...content, planned: rounds + 1, clones: 1 });
  const sessions = quick ? [10, 1000] : [10, 100, 1000, 10_000];
  const files = quick ? [200, 2000] : [200, 2000, 20_000];
  const hubs = [
    ...sessions.map((finished) => ({ ours: hubOf({ files: 200, finished }) })),
    ...files.map((count) => ({
      ours: hubOf({ files: count, finished: 10 }),
      floor: hubOf({ files: count, finished: 10 }),
    })),
  ];
  const times = await lives(stage, hubs, rounds);
  const bySessions = times.slice(0, sessions.length);
  const byFiles = times.slice(sessions.length);
  return [
    ...grown(sessions, "finished sessions", bySessions),
    ...grown(files, "files", byFiles),
    ...files.map((size, at) => {
      const row = {
        id: "growth",
        title: `claim, ${size} files`,
        floorName: "git commands in a shell script",
        bar: null,
      };
      return compared(row, byFiles[at]?.claim ?? [], byFiles[at]?.floor ?? []);
    }),
  ];
}

/** Each verb at each size, compared with the smallest. */
function grown(sizes: readonly number[], of: string, times: readonly Times[]): Row[] {
  const floorName = `the same with ${sizes[0]}`;
  return VERBS.flatMap((verb) =>
    sizes.map((size, at) => {
      const row = { id: "growth", title: `${verb}, ${size} ${of}`, floorName, bar: null };
      return compared(row, times[at]?.[verb] ?? [], times[0]?.[verb] ?? []);
    }),
  );
}

/**
 * Claims, lists and then completes a session in each hub in turn, as often as there are rounds; beside each claim that
 * of a floor, where there are some. No workspace is removed before the last was made: where thousands of files were
 * removed, ext4 makes new ones many times slower for half a minute, which would be measured in place of the claim.
 */
async function lives(
  stage: Stage,
  hubs: readonly { readonly ours: Hub; readonly floor?: Hub }[],
  rounds: number,
): Promise<Times[]> {
  const begin: Record<string, (round: number) => Promise<Sample>> = {};
  const end: typeof begin = {};
  for (const [at, { ours, floor }] of hubs.entries()) {
    const cwd = ours.clones[0] ?? "";
    const berth = (...args: readonly string[]): Promise<Sample> =>
      measure([...stage.program, ...args], { cwd, env: stage.env });
    begin[`claim ${at}`] = (round) => claim(stage, cwd, ours.session(round));
    if (floor) begin[`floor ${at}`] = (round) => floorClaim(stage, floor.clones[0] ?? "", floor.session(round));
    begin[`list ${at}`] = () => berth("list");
    end[`complete ${at}`] = (round) => {
      work(stage, cwd, ours.session(round));
      return berth("complete", ours.session(round), "--json");
    };
  }
  const samples = { ...(await inTurn(rounds, begin)), ...(await inTurn(rounds, end)) };
  return hubs.map((_hub, at) => ({
    claim: samples[`claim ${at}`] ?? [],
    floor: samples[`floor ${at}`] ?? [],
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
