import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { eventsAfter, lastSeq } from "../../src/store/feed.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Check } from "../../src/setup/doctor.ts";
import type { Store } from "../../src/store/store.ts";
import { runBerth } from "../cli/run-berth.ts";
import { fill, ordinaryUser, smallDisk } from "../support/place-faults.ts";
import { planned } from "../support/sandbox.ts";
import { refusal, team } from "../support/session.ts";

interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string; readonly file: string };
}

test.for<[what: string, path: string, mode: number]>([
  ["file", "store.db", 0o444],
  ["folder", ".", 0o555],
])(
  "[INV-8] a store whose %s is read-only: one clear error, git's verbs go on, doctor says what to do, nothing is lost",
  async ([, path, mode]) => {
    const { box, home, berth } = await team({ remote: false });
    const id = await planned(berth, "Goes on");
    await berth.sharedSet({ path: "k", value: 1 });
    await berth.project.store.close();
    const live = join(home, ".git/berth/live");
    const user = ordinaryUser(box.dir);
    box.git(home, "config", "--global", "--replace-all", "safe.directory", "*");
    chmodSync(join(live, path), mode);
    onTestFinished(() => chmodSync(join(live, path), 0o755));
    const run = (...args: string[]): ReturnType<typeof runBerth> => runBerth(["-C", home, ...args, "--json"], user);
    const { error } = JSON.parse((await run("shared", "set", "k", "2")).stdout) as Failure;
    expect(error).toMatchObject({ code: "FAILED", file: join(live, path) });
    expect(error.message).toContain("cannot be written; nothing was changed");
    expect(error.hint).toContain("Check who owns it and its folder");
    const claim = await run("claim", id);
    expect(claim.code, claim.stdout).toBe(0);
    expect(claim.stdout).toContain("was not told of the claim");
    const { checks } = JSON.parse((await run("doctor", "--fix")).stdout) as { checks: readonly Check[] };
    expect(checks.filter(({ ok }) => !ok)).toMatchObject([
      { name: "store", fix: expect.stringContaining("Check who owns it and its folder") as unknown },
    ]);
    chmodSync(join(live, path), 0o755);
    expect(JSON.parse((await run("shared", "set", "later", "2")).stdout)).toMatchObject({ version: 2 });
  },
);

async function append(store: Store, bytes: number): Promise<number> {
  const subject = "x".repeat(bytes);
  return store.write((tx) => tx.append({ kind: "k", subject, agent: null, data: {} }));
}

test("[INV-6] [INV-8] a full disk refuses writes in one clear error; what was accepted is there, and room is all it needs", async (context) => {
  const dir = mkdtempSync(join(tmpdir(), "berth-store-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  const disk = smallDisk(dir);
  if (disk === null) {
    context.skip();
    return;
  }
  const options = { place: join(disk, "live", "store.db"), project: "p", clock: systemClock };
  for (const leave of [0, 16, 64, 150]) {
    const free = fill(disk, leave);
    const early = await openStore(options).then(
      async (store) => store.close(),
      (error: unknown) => error,
    );
    if (early !== undefined)
      expect(early).toMatchObject({ code: "FAILED", message: expect.stringMatching(/full|disk/) as unknown });
    free();
  }
  const store = await openStore(options);
  onTestFinished(() => store.close());
  let accepted = 0;
  for (const leave of [0, 30, 200]) {
    const free = fill(disk, leave);
    for (;;) {
      const error = await append(store, 3000).then(
        (seq) => void (accepted = seq),
        (reason: unknown) => reason,
      );
      if (error === undefined) continue;
      expect(error).toMatchObject({
        code: "FAILED",
        hint: expect.stringContaining("run the same command again") as unknown,
      });
      expect((error as Error).message).toMatch(/disk .*(?:is full|did not take).*; nothing was changed/);
      break;
    }
    expect(await store.read(lastSeq)).toBe(accepted);
    free();
    expect(await append(store, 10)).toBe(++accepted);
  }
  await store.close();
  const late = await openStore(options);
  onTestFinished(() => late.close());
  expect((await late.read((tx) => eventsAfter(tx, 0))).map(({ seq }) => seq)).toEqual(
    Array.from({ length: accepted }, (_, i) => i + 1),
  );
  expect(await late.problems()).toEqual([]);
});

test("[INV-8] a limit on the size of files is no damage: the write is refused, and goes where there is no limit", async () => {
  const dir = mkdtempSync(join(tmpdir(), "berth-store-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  const options = { place: join(dir, "store.db"), project: "p" };
  const store = await openStore({ ...options, clock: systemClock });
  await append(store, 10);
  await store.close();
  const worker = join(import.meta.dirname, "../support/store-worker.ts");
  const size = Math.ceil(statSync(options.place).size / 1024) + 40;
  const command = `ulimit -f ${size}; trap '' XFSZ; exec "$@"`;
  const words = [process.execPath, worker, JSON.stringify(options), "other", "append", "1000"];
  const child = spawn("bash", ["-c", command, "bash", ...words], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (piece: Buffer) => (said += piece.toString("utf8")));
  const [code] = (await once(child, "close")) as [number | null];
  expect(code, said).toBe(1);
  expect(said).toMatch(/The disk that holds .* did not take or give what it should .*nothing was changed/);
  const late = await openStore({ ...options, clock: systemClock });
  onTestFinished(() => late.close());
  const seq = await late.read(lastSeq);
  expect(seq).toBeGreaterThan(1);
  expect(await append(late, 10)).toBe(seq + 1);
  expect(await late.problems()).toEqual([]);
});

test("[INV-8] a folder that cannot be made is named with what to do", async () => {
  const dir = mkdtempSync(join(tmpdir(), "berth-store-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  execFileSync("touch", [join(dir, "file")]);
  const place = join(dir, "file", "live", "store.db");
  const refused = await refusal(openStore({ place, project: "p", clock: systemClock }), "FAILED");
  expect(refused.message).toContain(`No store can be kept at ${place} (ENOTDIR`);
});
