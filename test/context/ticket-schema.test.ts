import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { contextSchema, publishedSchema } from "../../src/context/schema.ts";
import { readTicket, ticketOf } from "../../src/context/ticket/read.ts";
import { ticketSchema } from "../../src/context/ticket/schema.ts";
import { problemsOf } from "../../src/context/validate.ts";
import { vocabularyOf } from "../../src/context/vocabulary.ts";
import { setYaml } from "../../src/document/yaml-file.ts";
import { BerthError } from "../../src/errors.ts";
import { refusal, team } from "../support/session.ts";
import { WILD, WILD_SETTINGS } from "../support/tickets.ts";

const vocabulary = vocabularyOf(parseConfig({}, "config"));
const wild = vocabularyOf(parseConfig(WILD_SETTINGS, "config"));
const assets = join(import.meta.dirname, "..", "..", "assets");

for (const [name, schema] of [
  ["context", contextSchema(vocabulary, false)],
  ["ticket", ticketSchema(vocabulary, false)],
] as const) {
  test(`[CTX-10] [TKT-03] the published schema of a ${name} is the one it is checked with, open to a team's words`, () => {
    const file = join(assets, `${name}.schema.json`);
    const text = `${JSON.stringify(publishedSchema(schema), null, 2)}\n`;
    if (process.env["UPDATE"] === "1") writeFileSync(file, text);
    expect(readFileSync(file, "utf8")).toBe(text);
  });
}

test("[TKT-03] a ticket.yml of the wild is read with all of its keys, and its statuses are told apart", () => {
  const read = readTicket(WILD, "ticket.yml");
  expect(problemsOf(read, ticketSchema(wild))).toEqual([]);
  expect(ticketOf(read.data)).toMatchObject({
    issue: "142",
    title: "Train on the new data",
    phase: "train",
    mode: "/drive",
    status: "active",
    operator: "ada",
    priority: "next",
    nextPhase: "validate",
    startedAt: "2026-03-01T09:30:00Z",
    completedAt: null,
    confirmed: [],
  });
  expect(ticketOf(read.data).checklist.map(({ name, required }) => [name, required])).toEqual([
    ["All tests pass", true],
    ["Nice to have", false],
  ]);
  expect(ticketOf(read.data).exitCriteria.map(({ text }) => text)).toEqual(["Better than before", "Somebody agreed"]);
});

test("[TKT-03] every problem comes at once, with its place", () => {
  const bad = WILD.replace("status: InProgress", "status: nearly")
    .replace("mode: /drive", "mode: cook")
    .replace("issue_id: 142", "issue_id: [142]")
    .replace("effort_hours: 4.5", "effort_hours: many")
    .replace("path: report.md", "paht: report.md")
    .replace("status: false, eval", "status: maybe, eval")
    .replace("started_at: 2026-03-01T09:30:00Z", "started_at: yesterday");
  const found = problemsOf(readTicket(bad, "f"), ticketSchema(wild));
  expect(found.map(({ line, key }) => `${line} ${key}`)).toEqual([
    "3 issue_id",
    "14 mode",
    "15 status",
    "22 artifacts.1.path",
    "30 started_at",
    "34 effort_hours",
    "36 evaluation.checklist.status",
  ]);
  expect(problemsOf(readTicket("ticket: a_1\n", "f"), ticketSchema(vocabulary)).map(({ key }) => key)).toEqual([
    "issue_id",
    "title",
    "phase",
    "status",
  ]);
});

test("[TKT-03] [INV-8] what is not whole is refused with its place", () => {
  for (const text of ["", "- a\n", "a: [\n", "<<<<<<< a\nb: 1\n", "a: 1\na: 2\n", "a: &x 1\nb: *x\n"])
    expect(() => readTicket(text, "ticket.yml"), text).toThrow(BerthError);
});

test("[TKT-03] a change of ticket.yml keeps every other byte: comments, order, unknown keys", () => {
  const changed = setYaml(WILD, { status: "done", completed_at: "2026-04-01T00:00:00Z", new_key: [1] }, "f");
  expect(changed).toBe(
    `${WILD.replace("status: InProgress #", "status: done #").replace("completed_at: null", "completed_at: 2026-04-01T00:00:00Z")}new_key:\n  - 1\n`,
  );
  const windows = WILD.replaceAll("\n", "\r\n");
  expect(setYaml(windows, { status: "done" }, "f")).toBe(windows.replace("status: InProgress", "status: done"));
  expect(setYaml(`\uFEFF---\n${WILD}`, { stage: undefined }, "f")).toBe(
    `\uFEFF---\n${WILD.replace("stage: first\n", "")}`,
  );
});

test("[TKT-02] an issue that no branch may be called by is no ticket's name, and nothing is begun", async () => {
  const { berth } = await team({ remote: false });
  for (const issue of ["x.", "x..y", "x.lock", "x.git", "-x", ""]) {
    const error = await refusal(berth.ticketOpen({ phase: "training", issue, title: "T" }), "INVALID");
    expect(error.message).toContain("is no ticket's name");
    expect(error.hint).toContain("<phase>_<issue>");
  }
});
