import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { Berth } from "../../src/open.ts";
import type { Check } from "../../src/setup/doctor.ts";
import { longCount } from "../support/long-count.ts";
import { done, startWorker } from "../support/processes.ts";
import { team } from "../support/session.ts";

const damages = longCount("random damages of a store", { small: 20, full: 1000 });
const repairs = longCount("repairs of a store under writers", { small: 2, full: 40 });

const PAGE = 4096;

async function storeCheck(berth: Berth, fix: boolean): Promise<Check> {
  const { checks } = await berth.doctor({ fix });
  return checks.find(({ name }) => name === "store") as Check;
}

/** What can happen to a file: its end is missing, or some of it is zeros or noise. Plain data, which a failure prints. */
type Damage =
  | { readonly cut: number }
  | { readonly at: number; readonly size: number; readonly value: number }
  | { readonly bytes: readonly number[] };

const place = fc.nat({ max: 5_000_000 });
const size = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 12 * PAGE }));
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ cut: place }),
  fc.record({ at: fc.oneof(place, fc.constant(0)), size, value: fc.constantFrom(0, 0xa5) }),
  fc.record({ bytes: fc.array(place, { minLength: 1, maxLength: 40 }) }),
);

function spoiled(sound: Buffer, how: Damage): Buffer {
  const bytes = Buffer.from(sound);
  const within = (at: number): number => at % Math.max(1, bytes.length);
  if ("cut" in how) return bytes.subarray(0, within(how.cut));
  if ("bytes" in how) for (const at of how.bytes) bytes[within(at)] = at % 251;
  else bytes.fill(how.value, within(how.at), Math.min(bytes.length, within(how.at) + how.size));
  return bytes;
}

test("[XCS-18] [INV-8] however a store is damaged, it is told or does no harm, and what is repaired proves itself", async () => {
  const { box, home, berth } = await team({ remote: false });
  for (let n = 1; n <= 120; n++) {
    await berth.sharedSet({ path: `k${n % 30}.s`, value: { n, text: "y".repeat(200 + ((n * 13) % 900)) } });
    if (n === 70) await berth.sharedSnapshot({ message: "kept" });
  }
  await berth.sharedSet({ path: "big", value: "z".repeat(30_000) });
  const { value } = await berth.sharedGet({});
  const hashes = new Map(
    (await berth.sharedHistory({ limit: 1000 })).versions.map(({ version, hash }) => [version, hash]),
  );
  const dir = join(home, ".git/berth/live");
  const file = join(dir, "store.db");
  const [live, log] = [file, `${file}-wal`].map((path) => readFileSync(path)) as [Buffer, Buffer];
  await berth.project.store.close();
  const closed = readFileSync(file);
  const outcomes: Record<string, number> = {};
  const one = async (inUse: boolean, ofLog: boolean, how: Damage): Promise<void> => {
    for (const name of readdirSync(dir)) if (name.startsWith("store.db")) rmSync(join(dir, name));
    const main = inUse ? live : closed;
    writeFileSync(file, ofLog ? main : spoiled(main, how));
    if (inUse) writeFileSync(`${file}-wal`, ofLog ? spoiled(log, how) : log);
    const doctor = await box.open(home, "doctor");
    const before = await storeCheck(doctor, false);
    for (const fix of [true, false]) {
      const fixed = await storeCheck(doctor, fix);
      expect(fixed, `${fixed.detail} ${fixed.fix}`).toMatchObject({ ok: true });
    }
    const after = await doctor.sharedGet({});
    const { versions } = await doctor.sharedHistory({ limit: 1000 });
    for (const { version, hash } of versions) expect(hash).toBe(hashes.get(version) ?? hash);
    const whole = JSON.stringify(after.value) === JSON.stringify(value);
    // A log that ends earlier, with nobody there who knows more, looks like one that was never longer.
    if (before.ok && !ofLog) expect(after.value).toEqual(value);
    await doctor.sharedSet({ path: "after", value: 1 });
    expect(await doctor.sharedVerify({})).toMatchObject({ sound: true });
    await doctor.project.store.close();
    const key = `${before.ok ? "not noticed" : "told"}, ${whole ? "whole" : "in part"}`;
    outcomes[key] = (outcomes[key] ?? 0) + 1;
  };
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.boolean(), damage, (inUse, ofLog, how) => one(inUse, inUse && ofLog, how)),
    { numRuns: damages },
  );
  console.log(`damages: ${JSON.stringify(outcomes)}`);
});

test("[XCS-18] [INV-7] a store that is damaged and repaired again and again under its writers loses no accepted write", async () => {
  const { box, home, berth } = await team({ remote: false });
  await berth.sharedSet({ path: "own", value: {} });
  await berth.project.store.close();
  const file = join(home, ".git/berth/live/store.db");
  const database = new DatabaseSync(file);
  const unused = Number(
    database.prepare("select rootpage from sqlite_schema where name = 'epoch'").get()?.["rootpage"],
  );
  database.close();
  const weather = { calm: false };
  const held = await box.open(home, "held");
  const write = async (name: string, set: (value: number) => Promise<unknown>): Promise<[string, number]> => {
    let n = 0;
    for (; !weather.calm; await systemClock.sleep(1)) await set(++n);
    return [name, n];
  };
  const writing = ["a", "b"].map((name) => {
    const worker = startWorker(box, { dir: home, agent: name });
    return write(name, async (value) => done(await worker.run("sharedSet", { path: `own.${name}`, value }).answer));
  });
  writing.push(write("held", (value) => held.sharedSet({ path: "own.held", value })));
  const damaging = async (): Promise<void> => {
    // By another process: closing the file here would end the locks of what this one has open.
    const how = [`of=${file}`, `bs=${PAGE}`, `seek=${unused - 1}`, "count=1", "conv=notrunc"];
    execFileSync("dd", ["if=/dev/urandom", ...how], { stdio: "pipe" });
    const fixed = await storeCheck(await box.open(home, "doctor"), true);
    expect(fixed, fixed.detail).toMatchObject({
      ok: true,
      detail: expect.stringContaining("all of the shared context is kept") as unknown,
    });
  };
  try {
    for (let n = 0; n < repairs; n++) await damaging();
  } finally {
    weather.calm = true;
  }
  const written = Object.fromEntries(await Promise.all(writing));
  expect((await (await box.open(home, "last")).sharedGet({ path: "own" })).value).toEqual(written);
});
