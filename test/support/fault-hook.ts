/**
 * Loaded before the program (`node --import …/fault-hook.ts bin/berth.js …`), it lets one fault happen at one place, as
 * `BERTH_TEST_FAULT` says: `kill@claim.won#1`, `group@store.decided#1`, `EIO@disk.rename#2`, `delay@ledger.fetched#1:500`
 * (milliseconds). The program itself knows of no such variable: what it would load is changed on the way.
 */
import { registerHooks } from "node:module";
import { setTimeout as pause } from "node:timers/promises";
import type { LazyStore } from "../../src/store/open-store.ts";
import { type Arrive, type Errno, ERRNOS, steppingStore, systemError, watchDisk } from "./faults.ts";

interface Hook {
  readonly arrive: Arrive;
  readonly store: (lazy: LazyStore) => LazyStore;
}

/** What is changed in which file of the program, so that its steps and its writes to the store come by here. */
const CHANGES: Readonly<Record<string, readonly [from: string, to: string]>> = {
  "/src/open.ts": [
    "const progress = options.progress ?? ((): void => undefined);",
    "const told = options.progress ?? ((): void => undefined); const progress: Progress = async (step) => " +
      "{ await told(step); await globalThis.berthFaults.arrive(step.name); };",
  ],
  "/src/store/open-store.ts": [
    "export function lazyStore(options: () => StoreOptions): LazyStore {",
    "export function lazyStore(options: () => StoreOptions): LazyStore { return globalThis.berthFaults.store(plain(options)); }\n" +
      "function plain(options: () => StoreOptions): LazyStore {",
  ],
};

const wanted = /^(kill|group|delay|[A-Z]+)@([\w.-]+)#(\d+)(?::(\d+))?$/.exec(process.env["BERTH_TEST_FAULT"] ?? "");
if (!wanted) throw new Error(`BERTH_TEST_FAULT is ${JSON.stringify(process.env["BERTH_TEST_FAULT"])}`);
const [, what = "", step, nth, ms] = wanted;
if (!/^[a-z]/.test(what) && !ERRNOS.includes(what as Errno)) throw new Error(`There is no fault ${what}.`);

let times = 0;
const arrive: Arrive = async (name) => {
  if (name !== step || ++times !== Number(nth)) return;
  if (what === "kill" || what === "group") process.kill(what === "kill" ? process.pid : -process.pid, "SIGKILL");
  if (what !== "delay") throw systemError(what as Errno, name);
  await pause(Number(ms ?? 1000));
};

const hook: Hook = { arrive, store: (lazy) => steppingStore(lazy, arrive) };
Object.assign(globalThis, { berthFaults: hook });
watchDisk(arrive);
registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context);
    const change = Object.entries(CHANGES).find(([file]) => url.endsWith(file))?.[1];
    if (!change) return loaded;
    const { source: text } = loaded;
    const source =
      typeof text === "string" ? text : Buffer.from((text ?? new Uint8Array()) as Uint8Array).toString("utf8");
    // Sources only: what is published has none of these files.
    if (!source.includes(change[0])) throw new Error(`${url} is not what faults are made for.`);
    return { ...loaded, source: source.replace(change[0], change[1]) };
  },
});
