import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cloneFaults, hubFaults } from "../support/ledger-invariants.ts";
import type { RawStore } from "../support/raw-store.ts";
import { type Sandbox, sandbox } from "../support/sandbox.ts";
import { storeFaults } from "../support/store-invariants.ts";

const ID = "2026-01-01-one";
const OTHER = "2026-01-01-two";

const claim = (epoch: number, more = "landed: []\nlanding: null"): string =>
  `session: ${ID}\nepoch: ${epoch}\nagent: ada\ntip: null\n${more}\nended: null\n`;

/** A ledger made by hand: one session is active at epoch 2, and another one is planned. */
interface Ledger {
  readonly box: Sandbox;
  readonly dir: string;
  readonly faults: () => string[];
  /** One more step of the ledger. */
  readonly step: (files: Readonly<Record<string, string | null>>, agent?: string | null) => string;
}

function ledger(): Ledger {
  const box = sandbox({ remote: false });
  const dir = join(box.dir, "ledger");
  const nothing = box.git(box.hub, "mktree", "--missing");
  box.git(box.hub, "branch", "berth/ledger", box.git(box.hub, "commit-tree", "-m", "Begin", nothing));
  box.git(box.hub, "worktree", "add", "--quiet", dir, "berth/ledger");
  const step: Ledger["step"] = (files, agent = "ada") => {
    for (const [path, text] of Object.entries(files))
      if (text === null) rmSync(join(dir, path), { recursive: true });
      else box.write(dir, { [path]: text });
    box.git(dir, "add", "--all");
    box.git(dir, "commit", "--quiet", "-m", `Step${agent === null ? "" : `\n\nBerth-Agent: ${agent}`}`);
    return box.git(dir, "rev-parse", "HEAD");
  };
  step({ "sessions.lock": "" });
  step({ [`planned/${OTHER}/SESSION.md`]: "# Two\n" });
  step({ [`active/${ID}/SESSION.md`]: "# One\n", [`active/${ID}/claim.yaml`]: claim(2), "sessions.lock": `${ID}:1\n` });
  return { box, dir, step, faults: () => hubFaults((...args) => box.git(box.hub, ...args)) };
}

const RECORD = `active/${ID}/claim.yaml`;

/** What is done to a sound ledger, and what must be said of it. */
const SPOILED: readonly (readonly [string, string, (at: Ledger) => unknown])[] = [
  ["INV-1", "stands in", ({ step }) => step({ [`planned/${ID}/SESSION.md`]: "# One\n" })],
  ["INV-1", "2 lines", ({ step }) => step({ "sessions.lock": `${ID}:1\n${ID}:2\n` })],
  ["INV-1", "0 lines", ({ step }) => step({ "sessions.lock": "" })],
  ["INV-1", "1 lines", ({ step }) => step({ "sessions.lock": `${ID}:1\n${OTHER}:2\n` })],
  ["INV-1", "nobody holds", ({ step }) => step({ [RECORD]: null })],
  ["INV-2", "back to 1", ({ step }) => step({ [RECORD]: claim(1) })],
  ["INV-3", "is missing", loseAnObject],
  ["INV-3", "is gone", ({ step }) => step({ [RECORD]: claim(2).replace("tip: null", `tip: ${"0".repeat(39)}1`) })],
  ["INV-3", "not below the ledger", endWithoutItsWork],
  ["INV-4", "does not have", landElsewhere],
  ["INV-4", "files of a workspace", (at) => commitOnBase(at, ".session/SESSION.md", "Its own files")],
  ["INV-5", "does not know", (at) => commitOnBase(at, "src/new.txt", `Landed\n\nBerth-Session: ${ID}`)],
  ["INV-5", "does not have", ({ box, step }) => step({ [RECORD]: claim(2, landings(onTheSide(box))) })],
  ["INV-8", "is empty", ({ step }) => step({ [`active/${ID}/SESSION.md`]: "\n" })],
  ["INV-8", "has no plan", ({ step }) => step({ [`active/${ID}/SESSION.md`]: null })],
  ["INV-9", "names no epoch or no agent", ({ step }) => step({ [RECORD]: claim(2).replace("agent: ada", "agent:") })],
  ["INV-9", "nobody made", ({ step }) => step({ "sessions.lock": `${ID}:3\n` }, null)],
  [
    "INV-10",
    "changes",
    ({ step }) => step(Object.fromEntries(["a", "b", "c"].map((n) => [`planned/${n}/SESSION.md`, "#"]))),
  ],
];

test.for(SPOILED)("[%s] the checker of hubs refuses a ledger of which it says: %s", ([invariant, words, spoil]) => {
  const at = ledger();
  expect(at.faults()).toEqual([]);
  spoil(at);
  const said = at.faults();
  expect(said.filter((line) => line.startsWith(`${invariant}:`) && line.includes(words))).not.toEqual([]);
});

test("[INV-6] the checker of clones refuses one that believes what was never published", () => {
  const { box, step } = ledger();
  const clone = box.clone("clone");
  const [hub, here] = [box.hub, clone].map(
    (dir) =>
      (...args: string[]): string =>
        box.git(dir, ...args),
  );
  if (!hub || !here) throw new Error("two repositories");
  expect(cloneFaults(hub, here)).toEqual([]);
  const lost = step({ "sessions.lock": `${ID}:9\n` });
  here("fetch", "--quiet", "origin");
  expect(cloneFaults(hub, here)).toEqual([]);
  box.git(join(box.dir, "ledger"), "reset", "--quiet", "--hard", "HEAD~1");
  expect(cloneFaults(hub, here)).toEqual([expect.stringContaining(`INV-6: a clone believes in the ledger ${lost}`)]);
});

function loseAnObject({ box, step }: Ledger): void {
  const path = `active/${ID}/worklog.md`;
  step({ [path]: "Only here.\n" });
  const blob = box.git(box.hub, "rev-parse", `berth/ledger:${path}`);
  rmSync(join(box.hub, ".git/objects", blob.slice(0, 2), blob.slice(2)));
}

/** A commit that no reference has. */
function onTheSide(box: Sandbox): string {
  return box.git(box.hub, "commit-tree", "-m", "On the side", "main^{tree}");
}

const landings = (commit: string): string => `landed:\n  - commit: ${commit}\n    tip: null\nlanding: null`;

function ended({ step }: Ledger, text: string): void {
  step({
    [`active/${ID}`]: null,
    [`completed/${ID}/SESSION.md`]: "# One\n",
    [`completed/${ID}/claim.yaml`]: text,
    "sessions.lock": "",
  });
}

function endWithoutItsWork(at: Ledger): void {
  ended(at, claim(2).replace("tip: null", `tip: ${onTheSide(at.box)}`));
}

function landElsewhere(at: Ledger): void {
  ended(at, claim(2, landings(onTheSide(at.box))));
}

function commitOnBase({ box }: Ledger, path: string, message: string): void {
  box.write(box.hub, { [path]: "new\n" });
  box.git(box.hub, "add", "--", path);
  box.git(box.hub, "commit", "--quiet", "-m", message);
}

const at = 1_767_225_600_000;
const origin = `sha256:${"0".repeat(64)}`;

function version(number: number, previous: string): Record<string, unknown> {
  const said = `{"agent":"ada","at":"2026-01-01T00:00:00Z","base":0,"changes":[],"message":null,"previous":"${previous}","version":${number}}`;
  const hash = `sha256:${createHash("sha256").update(said).digest("hex")}`;
  return { project: "p", version: number, at, agent: "ada", base: 0, message: null, hash, previous, changes: "[]" };
}

const [first, second] = [version(1, origin), version(2, String(version(1, origin)["hash"]))];
const hold = { project: "p", fence: 1, agent: "ada", place: "here", key: "a", mode: "exclusive" };

/** A live layer with two versions, three events, a lock, a message and an epoch. */
const SOUND: RawStore = {
  project: [{ id: "p", seq: 3 }],
  event: [1, 2, 3].map((seq) => ({ project: "p", seq })),
  context_version: [first, second],
  context_conflict: [{ id: 1, version: 2 }],
  context_snapshot: [],
  hold: [hold],
  epoch: [{ session: ID, epoch: 2 }],
  message: [{ seq: 1, kind: "message", sender: "ada" }],
};

const BAD: readonly (readonly [string, string, RawStore])[] = [
  ["INV-1", "hold", { hold: [hold, { ...hold, fence: 2, agent: "bob" }] }],
  ["INV-1", "one number", { hold: [hold, { ...hold, key: "b" }] }],
  ["INV-2", "epoch 3", { epoch: [{ session: ID, epoch: 3 }] }],
  ["INV-7", "the feed", { event: [1, 3].map((seq) => ({ project: "p", seq })) }],
  ["INV-7", "the feed", { event: [1, 2].map((seq) => ({ project: "p", seq })) }],
  ["INV-7", "is missing", { context_version: [first, version(3, String(second["hash"]))] }],
  ["INV-7", "does not follow", { context_version: [first, version(2, origin)] }],
  ["INV-7", "not what was written", { context_version: [first, { ...second, changes: "[1]" }] }],
  ["INV-7", "conflict 1", { context_conflict: [{ id: 1, version: 9 }] }],
  ["INV-9", "nobody told", { message: [{ seq: 1, kind: "message", sender: null }] }],
  ["INV-9", "nobody wrote", { context_version: [{ ...first, agent: "" }, second] }],
];

test.for(BAD)("[%s] the checker of the live layer refuses rows of which it says: %s", ([invariant, words, rows]) => {
  expect(storeFaults(SOUND, { [ID]: 2 })).toEqual([]);
  const said = storeFaults({ ...SOUND, ...rows }, { [ID]: 2 });
  expect(said.filter((line) => line.startsWith(`${invariant}:`) && line.includes(words))).not.toEqual([]);
});
