import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { STEPS } from "../../src/progress.ts";
import type { Project } from "../../src/project.ts";
import { bindVerbs } from "../../src/verbs.ts";
import { scenarioNames } from "../support/crash-worlds.ts";
import { DISK_PLACES, STORE_PLACES } from "../support/faults.ts";
import { matrixRecord } from "../support/matrix-record.ts";
import { fileNames, liveNames } from "../support/plain-worlds.ts";

const record = matrixRecord();
const tried = new Set(Object.values(record).map(({ verb }) => verb));
const reached = new Set(Object.values(record).flatMap(({ places }) => Object.values(places).flat()));

/** Verbs that change nothing that anybody wrote, nor the state of anything. */
const READS = `
  env path list show drift trace gate lockCheck checkpointList checkpointShow status watch agents fileHash
  tasks sharedGet sharedHistory sharedDiff sharedVerify sharedWatch sharedExport contextShow
  contextValidate contextSearch contextHandoff contextHistory todoList ticketNext ticketList
  ticketShow hooksState noteRead noteList noteSearch noteVersions loadSession loadAgentContext
  recordPlan sessionPlan stateRestorePlan stateGet stateHistory stateMetrics stateGate
  brainMigratePlan
`
  .trim()
  .split(/\s+/);

/** Verbs that do what another one does, each time something changes. */
const LIKE: Readonly<Record<string, string>> = { watchConflicts: "conflicts" };

test("every verb that writes is called by a scenario of the fault matrix", () => {
  const verbs = Object.keys(bindVerbs({} as Project));
  const known = new Set([...READS, ...Object.keys(LIKE), ...tried]);
  expect(verbs.filter((verb) => !known.has(verb))).toEqual([]);
  expect([...READS, ...tried].filter((verb) => !verbs.includes(verb))).toEqual([]);
  expect(READS.filter((verb) => tried.has(verb))).toEqual([]);
  for (const other of Object.values(LIKE)) expect(tried).toContain(other);
});

test("every step that has a name, and every place of disk and store, is reached by a scenario", () => {
  const wanted = [...STEPS, ...STORE_PLACES, ...DISK_PLACES];
  expect(wanted.filter((place) => !reached.has(place))).toEqual([]);
  expect([...reached].filter((place) => !wanted.includes(place))).toEqual([]);
});

test("the record has the scenarios that there are", () => {
  expect(Object.keys(record).toSorted()).toEqual([...scenarioNames, ...liveNames, ...fileNames].toSorted());
});

test("every step that has a name is in the code, and no step is told of past the list", () => {
  const src = join(import.meta.dirname, "../../src");
  const texts = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && name !== "progress.ts")
    .map((name) => readFileSync(join(src, name), "utf8"))
    .join("\n");
  expect(STEPS.filter((step) => !texts.includes(`"${step}"`))).toEqual([]);
  // By `reach`, which takes names of the list alone; the hub in the repository itself knows no project.
  expect([...texts.matchAll(/\bprogress\(\{/g)]).toHaveLength(3);
});
