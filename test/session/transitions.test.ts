import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { planned } from "../support/sandbox.ts";
import { claimed, commit, listed, refs, refusal, team } from "../support/session.ts";

const verbs: Readonly<Record<string, (berth: Berth, id: string) => Promise<unknown>>> = {
  ready: (berth, id) => berth.ready({ id }),
  claim: (berth, id) => berth.claim({ id }),
  release: (berth, id) => berth.release({ id, reason: "because" }),
  complete: (berth, id) => berth.complete({ id }),
  abandon: (berth, id) => berth.abandon({ id, reason: "because" }),
  edit: (berth, id) => berth.edit({ id, text: "# Other\n" }),
  land: (berth, id) => berth.land({ id }),
};

/** What may be done in each state, and what its refusals name as possible. */
const table: readonly { state: string; allowed: readonly string[]; names: RegExp }[] = [
  { state: "drafting", allowed: ["ready", "abandon", "edit"], names: /ready \(to planned\).*abandon \(to abandoned\)/ },
  { state: "planned", allowed: ["claim", "abandon", "edit"], names: /claim \(to active\).*abandon \(to abandoned\)/ },
  { state: "completed", allowed: [], names: /That is an end; draft a new session/ },
  { state: "abandoned", allowed: [], names: /That is an end; draft a new session/ },
];

for (const { state, allowed, names } of table) {
  test(`[ASP-01] from ${state} only ${allowed.join(", ") || "nothing"} is possible, and each refusal says so`, async () => {
    const { box, home, berth: maker } = await team();
    const id = await inState(maker, state);
    // Whoever ended a session may ask for that end again; everybody else is refused.
    const berth = await box.open(home, "agent two");
    const before = refs(box);
    for (const [verb, run] of Object.entries(verbs)) {
      if (allowed.includes(verb)) continue;
      const error = await refusal(run(berth, id), "WRONG_STATE");
      if (verb !== "edit") expect(error.message, verb).toMatch(names);
      expect(error.message, verb).toContain(`${id} is ${state}`);
    }
    expect(refs(box)).toBe(before);
  });
}

test("[ASP-01] an active session is released, claimed again, and completed; each folder holds it in turn", async () => {
  const { box, berth } = await team();
  const id = await planned(berth, "Back and forth");
  expect(listed(box, "berth/ledger:planned")).toContain(id);
  const dir = await claimed(berth, id);
  expect(listed(box, "berth/ledger:active")).toContain(id);
  const error = await refusal(berth.ready({ id }), "WRONG_STATE");
  expect(error.message).toMatch(/complete \(to completed\).*abandon \(to abandoned\).*release \(to planned\)/);
  commit(box, dir, `[${id}] feat: half`, { "half.txt": "half\n" });
  await berth.release({ id, reason: "somebody else knows better" });
  expect(listed(box, "berth/ledger:planned")).toContain(id);
  expect(listed(box, "berth/ledger:active")).not.toContain(id);
  const other = await box.open(box.clone("other"), "agent two");
  const again = await other.claim({ id });
  expect(again).toMatchObject({ claim: { epoch: 2, holder: "agent two" } });
  await other.complete({ id });
  expect(listed(box, "berth/ledger:completed")).toContain(id);
  expect(box.git(box.hub, "show", "main:half.txt")).toBe("half");
  expect(box.git(box.hub, "show", "berth/ledger:sessions.lock")).toBe("");
});

test("[ASP-02] ids are validated and compared whole: …-auth can be claimed while …-auth-system is active", async () => {
  const { box, berth } = await team();
  for (const id of ["2025-10-14-auth-system", "2025-10-14-auth", "kb-2025-10-14-auth", "2025-10-14-auth-2"]) {
    await planned(berth, id, { id });
  }
  await claimed(berth, "2025-10-14-auth-system", { noWorkspace: false });
  await claimed(berth, "2025-10-14-auth");
  await claimed(berth, "kb-2025-10-14-auth");
  const lock = box.git(box.hub, "show", "berth/ledger:sessions.lock");
  expect(lock.replaceAll(/:\d+/g, "").split("\n").sort()).toEqual([
    "2025-10-14-auth",
    "2025-10-14-auth-system",
    "kb-2025-10-14-auth",
  ]);
  await berth.abandon({ id: "2025-10-14-auth", reason: "enough" });
  expect(listed(box, "berth/ledger:active")).toEqual([".gitkeep", "2025-10-14-auth-system", "kb-2025-10-14-auth"]);
  expect(listed(box, "berth/ledger:planned")).toEqual([".gitkeep", "2025-10-14-auth-2"]);
  const before = refs(box);
  for (const bad of ["auth", "2025-02-30-x", "2025-10-14-Auth", "2025-10-14-../x", "-x", "kb-auth", "2025-10-14-a b"]) {
    const error = await refusal(berth.draft({ title: "x", id: bad }), "INVALID");
    expect(error.hint).toContain("2025-10-14-auth-system");
    await refusal(berth.claim({ id: bad }), "INVALID");
    await refusal(berth.ready({ id: bad }), "INVALID");
  }
  await refusal(berth.draft({ title: "x", id: "2025-10-14-auth-system" }), "WRONG_STATE");
  expect(refs(box)).toBe(before);
});

async function inState(berth: Berth, state: string): Promise<string> {
  if (state === "drafting") {
    const drafted = await berth.draft({ title: "In state", context: "Why", criteria: ["It works"] });
    return "session" in drafted ? drafted.session.id : "";
  }
  const id = await planned(berth, "In state");
  if (state === "planned") return id;
  await claimed(berth, id);
  if (state === "completed") await berth.complete({ id });
  else await berth.abandon({ id, reason: "not wanted" });
  return id;
}
