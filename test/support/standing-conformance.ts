import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/store/store.ts";
import type { Subject } from "./store-conformance.ts";

/** What standing under a name must mean alike on every engine. */
export function standing(engine: string, subject: Pick<Subject, "open">): void {
  test(`[XCS-03] on ${engine} others see who stands under a name, until the last one has closed it or was killed`, async () => {
    const { stores, address } = await subject.open(2);
    const [a, b] = stores as [Store, Store];
    expect(await b.stands("ada")).toBe(false);
    const [first, second] = [await a.stand("ada"), await b.stand("ada")];
    expect([await b.stands("ada"), await a.stands("ada"), await a.stands("bo")]).toEqual([true, true, false]);
    await first.close();
    expect(await a.stands("ada")).toBe(true);
    await second.close();
    await expect.poll(() => a.stands("ada")).toBe(false);
    const worker = join(import.meta.dirname, "store-worker.ts");
    const child = spawn(process.execPath, [worker, address, "bo", "stand"], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout, "data");
    expect(await b.stands("bo")).toBe(true);
    child.kill("SIGKILL");
    await expect.poll(() => b.stands("bo"), { timeout: 10_000 }).toBe(false);
  });
}
