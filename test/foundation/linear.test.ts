import { expect, test } from "vitest";
import { firstImpossible, type Operation } from "../support/linear.ts";
import { claimModel, type ClaimUse, keyModel, type KeyUse, lockModel, type LockUse } from "../support/linear-models.ts";

/** Operations as `by from-to`, or `by from-` for one that was never answered. */
function history<What>(...lines: readonly (readonly [when: string, what: What])[]): Operation<What>[] {
  return lines.map(([when, what]) => {
    const [by = "", times = ""] = when.split(" ");
    const [from = "", to = ""] = times.split("-");
    return { by, from: Number(from), to: to === "" ? null : Number(to), what };
  });
}

const read = (version: number, value: unknown): KeyUse => ({ op: "read", version, value });
const write = (base: number, value: unknown, version?: number, conflict = false): KeyUse => ({
  op: "write",
  base,
  value,
  answer: version === undefined ? null : { version, conflict },
});
const key = (...lines: readonly (readonly [string, KeyUse])[]): boolean =>
  firstImpossible(history(...lines), keyModel) === null;

test("[INV-7] a history of one key that one process at a time could have made is accepted", () => {
  expect(key(["a 1-2", read(0, null)], ["a 3-4", write(0, "x", 5)], ["b 5-6", read(5, "x")])).toBe(true);
  // Under way together, either order is one.
  expect(key(["a 1-9", write(0, "x", 1)], ["b 2-3", read(0, null)], ["b 4-5", read(1, "x")])).toBe(true);
  expect(key(["a 1-9", write(0, "x", 2)], ["b 2-8", write(0, "y", 2, true)], ["c 10-11", read(2, "x")])).toBe(true);
  // Other keys move the version on.
  expect(key(["a 1-2", write(0, "x", 1)], ["b 3-4", read(7, "x")], ["b 5-6", write(1, "y", 8)])).toBe(true);
});

test("[INV-7] a stale read, a lost write, a second winner and a version that goes back are refused", () => {
  expect(key(["a 1-2", write(0, "x", 1)], ["b 3-4", read(1, null)])).toBe(false);
  expect(key(["a 1-2", write(0, "x", 1)], ["b 3-4", write(1, "y", 2)], ["c 5-6", read(2, "x")])).toBe(false);
  expect(key(["a 1-9", write(0, "x", 1)], ["b 2-8", write(0, "y", 2)])).toBe(false);
  expect(key(["a 1-2", read(5, null)], ["b 3-4", read(4, null)])).toBe(false);
  // Two who look at the same moment may differ, but not one after the other.
  expect(key(["a 1-9", write(0, "x", 1)], ["b 2-3", read(1, "x")], ["c 4-5", read(0, null)])).toBe(false);
  // A conflict with nobody.
  expect(key(["a 1-2", write(0, "x", 1)], ["a 3-4", write(1, "y", 1, true)])).toBe(false);
});

test("[INV-7] a write that was never answered happened late, or never, and once", () => {
  const cut = ["a 1-", write(0, "x")] as const;
  expect(key(cut, ["b 2-3", read(0, null)], ["b 4-5", read(1, "x")])).toBe(true);
  expect(key(cut, ["b 2-3", read(0, null)], ["b 4-5", write(0, "y", 1)], ["b 6-7", read(1, "y")])).toBe(true);
  // It came before the one that was refused for it.
  expect(key(cut, ["b 2-3", write(0, "y", 1, true)], ["b 4-5", read(1, "x")])).toBe(true);
  expect(key(["b 1-2", read(9, "x")], ["a 3-", write(0, "x")])).toBe(false);
  expect(key(cut, ["b 2-3", read(1, "x")], ["b 4-5", write(1, "y", 2)], ["b 6-7", read(3, "x")])).toBe(false);
  // Someone wrote since its base: it can have been a conflict alone.
  expect(key(["b 1-2", write(0, "y", 1)], cut, ["b 4-5", read(2, "x")])).toBe(false);
});

const granted = (agent: string, mode: string, fence: number | null): LockUse => ({ op: "granted", agent, mode, fence });
const unlock = (agent: string, released: boolean | null): LockUse => ({ op: "unlock", agent, released });
const refused = (agent: string, mode: string, by: readonly [string, string, number]): LockUse => ({
  op: "refused",
  agent,
  mode,
  by: [{ agent: by[0], mode: by[1], fence: by[2] }],
});
const lock = (...lines: readonly (readonly [string, LockUse])[]): boolean =>
  firstImpossible(history(...lines), lockModel) === null;

test("[XCS-06] a history of a lock that one process at a time could have made is accepted", () => {
  expect(lock(["a 1-2", granted("a", "exclusive", 1)], ["b 3-4", refused("b", "shared", ["a", "exclusive", 1])])).toBe(
    true,
  );
  expect(lock(["a 1-2", granted("a", "shared", 1)], ["b 1-3", granted("b", "shared", 2)])).toBe(true);
  expect(
    lock(
      ["a 1-2", granted("a", "exclusive", 1)],
      ["a 3-6", unlock("a", true)],
      ["b 4-5", granted("b", "exclusive", 2)],
    ),
  ).toBe(true);
  // Renewed it keeps its fence; in another mode it has a new one.
  expect(lock(["a 1-2", granted("a", "exclusive", 1)], ["a 3-4", granted("a", "exclusive", 1)])).toBe(true);
  expect(lock(["a 1-2", granted("a", "exclusive", 1)], ["a 3-4", granted("a", "shared", 2)])).toBe(true);
});

test("[XCS-06] two winners, a fence that goes back, a refusal by nobody and a release of nothing are refused", () => {
  expect(lock(["a 1-9", granted("a", "exclusive", 1)], ["b 2-8", granted("b", "exclusive", 2)])).toBe(false);
  expect(lock(["a 1-9", granted("a", "shared", 1)], ["b 2-8", granted("b", "exclusive", 2)])).toBe(false);
  expect(
    lock(["a 1-2", granted("a", "exclusive", 5)], ["a 3-4", unlock("a", true)], ["b 5-6", granted("b", "shared", 4)]),
  ).toBe(false);
  expect(lock(["a 1-2", granted("a", "exclusive", 2)], ["a 3-4", granted("a", "exclusive", 3)])).toBe(false);
  expect(lock(["b 1-2", refused("b", "shared", ["a", "exclusive", 1])])).toBe(false);
  expect(lock(["a 1-2", granted("a", "shared", 1)], ["b 3-4", refused("b", "shared", ["a", "shared", 1])])).toBe(false);
  expect(lock(["a 1-2", unlock("a", true)])).toBe(false);
  expect(lock(["a 1-2", granted("a", "shared", 1)], ["a 3-4", unlock("a", false)])).toBe(false);
});

test("[XCS-06] what the dead held is free at some time after, and never before", () => {
  const gone = { op: "gone", agent: "a" } as const;
  const cut = ["a 1-", granted("a", "exclusive", null)] as const;
  const next = granted("b", "exclusive", 2);
  expect(lock(["a 1-2", granted("a", "exclusive", 1)], ["a 3-", gone], ["b 4-5", next])).toBe(true);
  expect(lock(["a 1-2", granted("a", "exclusive", 1)], ["b 3-4", next], ["a 5-", gone])).toBe(false);
  expect(lock(cut, ["b 3-4", next])).toBe(true);
  expect(lock(cut, ["b 3-4", refused("b", "shared", ["a", "exclusive", 7])], ["a 3-", gone], ["b 5-6", next])).toBe(
    false,
  );
  expect(lock(cut, ["b 3-4", refused("b", "shared", ["a", "exclusive", 1])], ["a 3-", gone], ["b 5-6", next])).toBe(
    true,
  );
});

const claim = (agent: string, epoch: number | null): ClaimUse => ({ op: "claim", agent, epoch });
const over = (agent: string, epoch: number | null): ClaimUse => ({ op: "take-over", agent, epoch });
const lost = (agent: string, epoch: number): ClaimUse => ({ op: "lost", winner: { agent, epoch } });
const release = (agent: string, epoch: number, done: boolean | null): ClaimUse => {
  return { op: "end", as: "planned", by: { agent, epoch }, done };
};
const claims = (...lines: readonly (readonly [string, ClaimUse])[]): boolean =>
  firstImpossible(history(...lines), claimModel) === null;

test("[INV-1] [INV-2] a history of a claim that one process at a time could have made is accepted", () => {
  expect(claims(["a 1-5", claim("a", 1)], ["b 2-4", lost("a", 1)], ["a 6-7", release("a", 1, true)])).toBe(true);
  expect(claims(["a 1-2", claim("a", 1)], ["b 3-4", over("b", 2)], ["a 5-6", release("a", 1, false)])).toBe(true);
  expect(claims(["a 1-", claim("a", null)], ["b 3-4", claim("b", 1)], ["c 5-6", lost("b", 1)])).toBe(true);
  expect(claims(["a 1-", claim("a", null)], ["b 3-4", over("b", 2)], ["c 5-6", lost("b", 2)])).toBe(true);
  const seen = { op: "looked", state: "active", holder: { agent: "a", epoch: 1 } } as const;
  expect(claims(["a 1-", claim("a", null)], ["b 3-4", { op: "not-active" }], ["b 5-6", seen])).toBe(true);
});

test("[INV-1] [INV-2] two winners, an epoch twice, and a release by who was replaced are refused", () => {
  expect(claims(["a 1-9", claim("a", 1)], ["b 2-8", claim("b", 1)])).toBe(false);
  expect(claims(["a 1-9", claim("a", 1)], ["b 2-8", claim("b", 2)])).toBe(false);
  expect(claims(["a 1-2", claim("a", 1)], ["b 3-4", over("b", 1)])).toBe(false);
  expect(claims(["a 1-2", claim("a", 1)], ["b 3-4", over("b", 2)], ["a 5-6", release("a", 1, true)])).toBe(false);
  expect(claims(["a 1-2", claim("a", 1)], ["a 3-4", release("a", 1, true)], ["b 5-6", lost("a", 1)])).toBe(false);
  expect(claims(["a 1-", claim("a", null)], ["b 3-4", claim("b", 1)], ["c 5-6", lost("a", 1)])).toBe(false);
});

test("of what no order explains, the first answer is named with what was known before", () => {
  const found = firstImpossible(history(["a 1-2", claim("a", 1)], ["b 3-4", claim("b", 1)]), claimModel);
  expect(found).toMatchObject({ operation: { by: "b" }, states: [{ agent: "a", epoch: 1 }], open: [] });
});

test("a long history with many who were never answered is decided soon", () => {
  const lines: [string, KeyUse][] = [];
  for (let n = 0; n < 3000; n++) {
    lines.push([`w${n} ${n * 10 + 1}-${n * 10 + 8}`, write(n, `v${n}`, n + 1)]);
    lines.push([`r${n} ${n * 10 + 2}-${n * 10 + 9}`, read(n + 1, `v${n}`)]);
    if (n % 20 === 0) lines.push([`k${n} ${n * 10 + 3}-`, write(n, `never ${n}`)]);
  }
  const start = performance.now();
  expect(key(...lines)).toBe(true);
  expect(performance.now() - start).toBeLessThan(5000);
});
