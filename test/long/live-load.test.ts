import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { readVersions } from "../../src/shared-context/version.ts";
import { liveLoad } from "../support/live-load.ts";
import type { Measured } from "../support/load-worker.ts";
import { longCount } from "../support/long-count.ts";
import { testServer } from "../support/postgres.ts";
import { sandbox } from "../support/sandbox.ts";

const server = testServer();
const seconds = {
  SQLite: longCount("seconds of 50 agents at 1 Hz on SQLite", { small: 60, full: 600 }),
  PostgreSQL: longCount("seconds of 50 agents at 1 Hz on PostgreSQL", { small: 10, full: 600 }),
};
const PROCESSES = 10;
const AGENTS_EACH = 5;

/**
 * In milliseconds: the seed's limits, which it sets for the slowest hundredth. Here half of all must keep them, as a
 * machine that is busy with other work as well lets single ones wait; `npm run bench` tells of the hundredth.
 */
const LIMITS = { read: 100, write: 200, sync: 1000, beat: 50 };

for (const engine of ["SQLite", "PostgreSQL"] as const)
  test(`[XCS-02] [XCS-12] [XCS-14] [XCS-15] [XCS-22] fifty agents read, write, beat and follow at 1 Hz, with 10 MB of context: ${engine}`, async () => {
    const box = sandbox();
    const env = { ...process.env, ...(engine === "SQLite" ? {} : { BERTH_DATABASE_URL: await server.database() }) };
    const home = box.clone("home");
    await (await box.open(home)).init({});
    const berth = await box.open(home, "witness", { env });
    await berth.sharedSet({ path: "archive", value: archive() });
    const newest = async (): Promise<number> => (await berth.sharedGet({ path: "agents" })).version;
    const dirs = Array.from({ length: PROCESSES }, () => home);
    const plan = { box, dirs, env, newest, agentsEach: AGENTS_EACH, seconds: seconds[engine] };
    // A server has about a hundred connections to give.
    const measured = await liveLoad({ ...plan, together: engine === "PostgreSQL" });
    const times = { ...figures(measured), sync: syncTimes(measured) };
    for (const [what, list] of Object.entries(times)) console.log(`${engine}, ${what}: ${line(list)}`);
    const floor = measured.flatMap((one) => one.floor);
    if (floor.length > 0) console.log(`${engine}, a bare "select 1" beside each read: ${line(floor)}`);
    console.log(`${engine}, memory in MB: ${measured.map(({ rss }) => rss.join(" then ")).join(", ")}`);
    await expectWhole(berth, measured);
    for (const [what, limit] of Object.entries(LIMITS))
      expect(part(times[what as keyof typeof LIMITS], 0.5), what).toBeLessThan(limit);
    for (const [warm = 0, end = 0] of measured.map(({ rss }) => rss)) expect(end).toBeLessThan(warm * 1.2 + 30);
  });

/** About 10 MB, of which nothing changes. */
function archive(): Record<string, { title: string; notes: string }> {
  const notes = "what was tried, what was found, and what is left to do ".repeat(8);
  return Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`t${n}`, { title: `task ${n}`, notes }]));
}

/** Every write is in the history as its writer was told, and every follower heard of each once and in order. */
async function expectWhole(berth: Berth, measured: readonly Measured[]): Promise<void> {
  expect(measured.flatMap(({ errors }) => errors)).toEqual([]);
  const store = await berth.project.store.open();
  const versions = await store.read((tx) => readVersions(tx, 1, 10_000_000));
  const made = measured.flatMap((one) => one.made).toSorted(([a], [b]) => a - b);
  expect(made.map(([version, hash]) => [version, hash])).toEqual(versions.map(({ version, hash }) => [version, hash]));
  const all = versions.map(({ version }) => version);
  for (const { versions: heard } of measured.flatMap((one) => one.heard)) expect(heard).toEqual(all);
  expect(await berth.sharedVerify({})).toMatchObject({ sound: true });
}

function figures(measured: readonly Measured[]): Record<"read" | "write" | "beat", number[]> {
  return {
    read: measured.flatMap(({ read }) => read),
    write: measured.flatMap(({ write }) => write),
    beat: measured.flatMap(({ beat }) => beat),
  };
}

/** From the moment a writer was told that its write stands until each follower had it. */
function syncTimes(measured: readonly Measured[]): number[] {
  const told = new Map(measured.flatMap(({ made }) => made.map(([version, , at]) => [version, at] as const)));
  const times: number[] = [];
  for (const { versions, at } of measured.flatMap(({ heard }) => heard))
    for (const [i, version] of versions.entries())
      times.push(Math.max(0, (at[i] ?? Number.POSITIVE_INFINITY) - (told.get(version) ?? 0)));
  return times;
}

function part(times: readonly number[], share: number): number {
  return Float64Array.from(times).sort()[Math.floor((times.length - 1) * share)] ?? 0;
}

function line(times: readonly number[]): string {
  const at = (share: number): string => part(times, share).toFixed(1);
  return `${times.length} times, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`;
}
