import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { readTicket } from "../../src/context/ticket/read.ts";
import { ticketSchema } from "../../src/context/ticket/schema.ts";
import { vocabularyOf } from "../../src/context/vocabulary.ts";
import { CENTRAL } from "../support/contexts.ts";
import { refusal, team } from "../support/session.ts";

const NAME = "training_142";
const FILE = `tickets/${NAME}/ticket.yml`;
const BASE = `# by hand
ticket: ${NAME}
issue_id: 142
title: Train
phase: training
status: InProgress # for now
mine: kept
`;

/** Every key of a ticket.yml: a value it may have, how `--where` finds it, and one that it may not have. */
const FIELDS: readonly (readonly [key: string, value: unknown, where: string, bad: unknown])[] = [
  ["title", "Other", "title=other", null],
  ["description", "With the data of March", "description=With the data of March", 7],
  ["url", "https://example.com/142", "url=https://example.com/142", "here"],
  ["operator", "ada", "operator=ada", ["ada"]],
  ["team", "lab", "team=lab", 7],
  ["project", { id: 3, name: "Harbour" }, "project.name=Harbour", true],
  ["client", "acme", "client=acme", ""],
  ["prd_issue", 12, "prd_issue=12", 0],
  ["crd_issue", "ABC-3", "crd_issue=ABC-3", "a b"],
  ["stage", "first", "stage=first", []],
  ["mode", "/drive", "mode=/drive", "cook"],
  ["status", "Blocked", "status=blocked", "nearly"],
  ["priority", "now", "priority=now", "soon"],
  ["parents", [7], "parents=7", [0]],
  ["dependencies", [7, "scope_8"], "dependencies=scope_8", ["a b"]],
  ["checklist", [{ name: "All tests pass", required: true }], "checklist.name=All tests pass", [{ name: "" }]],
  ["artifacts", [{ path: "report.md", required: true }], "artifacts.path=report.md", [{ required: true }]],
  ["gates.exit_criteria", ["Better than before"], "gates.exit_criteria=Better than before", "Better"],
  ["entry_criteria", ["Data is there"], "entry_criteria=Data is there", [7]],
  ["exit_criteria", ["Accuracy is 0.9"], "exit_criteria=Accuracy is 0.9", [""]],
  ["next_phase", "validation", "next_phase=validation", "lunch"],
  ["opened_at", "2026-03-01T09:30:00Z", "opened_at=2026-03-01T09:30:00Z", "2026-03-01"],
  ["started_at", "2026-03-01T09:30:00Z", "started_at=2026-03-01T09:30:00Z", "now"],
  ["completed_at", "2026-03-01T09:30:00Z", "completed_at=2026-03-01T09:30:00Z", 7],
  ["duration_estimate", "6h", "duration_estimate=6h", 6],
  ["revenue_value", 1000, "revenue_value=1000", true],
  ["effort_hours", 4.5, "effort_hours=4.5", -1],
  [
    "evaluation.checklist",
    { status: false, eval: "checklist.md" },
    "evaluation.checklist.eval=checklist.md",
    { status: 7 },
  ],
];

test("[TKT-03] [CTX-20] every field of a ticket.yml is set, read, found and judged", async () => {
  const { box, home, berth } = await team({ remote: false });
  const text = (): string => readFileSync(join(home, FILE), "utf8");
  for (const [key, value, where, bad] of FIELDS) {
    box.write(home, { [FILE]: BASE, [`tickets/${NAME}/ACTIVE_SESSION.md`]: CENTRAL });
    expect(await berth.ticketSet({ key, value, ticket: NAME })).toMatchObject({ path: FILE, changed: true, value });
    const [top = "", inner] = key.split(".");
    const read = readTicket(text(), FILE).data[top] as Record<string, unknown>;
    expect(inner === undefined ? read : read[inner], key).toEqual(value);
    for (const kept of ["# by hand\n", "mine: kept\n"]) expect(text()).toContain(kept);
    expect((await berth.contextValidate({ files: [FILE] })).files, key).toMatchObject([{ valid: true }]);
    const { matches } = await berth.contextSearch({ where: [where] });
    expect(
      matches.map(({ file }) => file),
      where,
    ).toContain(FILE);
    const before = text();
    await refusal(berth.ticketSet({ key, value: bad, ticket: NAME }), "INVALID");
    expect(text(), key).toBe(before);
  }
  const known = Object.keys(ticketSchema(vocabularyOf(parseConfig({}, "config"))).shape);
  const tested = new Set(["ticket", "issue_id", "phase", ...FIELDS.map(([key]) => key.split(".")[0])]);
  expect(known.filter((key) => !tested.has(key))).toEqual([]);
});

test("[TKT-03] [TKT-04] a ticket stays what its folder is called, becomes done through its gate alone, and then is frozen", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.write(home, { [FILE]: BASE });
  const set = (key: string, value?: unknown): Promise<unknown> => berth.ticketSet({ key, value, ticket: NAME });
  for (const [key, value] of [
    ["ticket", "training_7"],
    ["issue_id", 7],
    ["phase", "scope"],
    ["title", undefined],
    ["title.deep", 1],
  ] as const)
    await refusal(set(key, value), "INVALID");
  await refusal(set("status", "Completed"), "WRONG_STATE");
  await refusal(berth.ticketSet({ key: "team", value: "lab", ticket: "training_9" }), "NOT_FOUND");
  await refusal(berth.ticketSet({ key: "team", value: "lab" }), "USAGE");
  expect(readFileSync(join(home, FILE), "utf8")).toBe(BASE);
  await berth.ticketSet({ key: "exit_criteria", add: ["Fast", "Right"], ticket: NAME });
  expect(await berth.ticketSet({ key: "exit_criteria", drop: ["Fast"], dryRun: true, ticket: NAME })).toMatchObject({
    value: ["Right"],
  });
  expect(readFileSync(join(home, FILE), "utf8")).toContain("- Fast\n");
  await set("exit_criteria");
  expect(readFileSync(join(home, FILE), "utf8")).toBe(BASE);
  box.write(home, { [FILE]: BASE.replace("InProgress", "done") });
  await refusal(set("team", "lab"), "WRONG_STATE");
});

test("[TKT-03] two changes of a ticket.yml at once both count", async () => {
  const { box, home } = await team({ remote: false });
  box.write(home, { [FILE]: BASE });
  const criteria = Array.from({ length: 6 }, (_, n) => `Criterion ${n}`);
  await Promise.all(
    criteria.map(async (one) => (await box.open(home)).ticketSet({ key: "exit_criteria", add: [one], ticket: NAME })),
  );
  const { data } = readTicket(readFileSync(join(home, FILE), "utf8"), FILE);
  expect((data["exit_criteria"] as string[]).toSorted()).toEqual(criteria);
});
