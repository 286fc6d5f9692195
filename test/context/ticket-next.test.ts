import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { nextTicket } from "../../src/context/ticket/next.ts";
import { rowOf, type TicketRow } from "../../src/context/ticket/row.ts";
import { vocabularyOf } from "../../src/context/vocabulary.ts";
import { commit, refusal, team } from "../support/session.ts";
import { closed, opened } from "../support/tickets.ts";

const vocabulary = vocabularyOf(parseConfig({}, "config"));
const NOBODY = new Set<string>();

function row(name: string, more: Readonly<Record<string, string>> = {}): TicketRow {
  const [phase = "", issue = ""] = name.split("_");
  const known = {
    ticket: name,
    issue_id: issue,
    title: name,
    phase,
    status: "open",
    opened_at: "2026-03-01T00:00:00Z",
  };
  const lines = Object.entries({ ...known, ...more }).map(([key, value]) => `${key}: ${value}\n`);
  return rowOf(name, { ticket: lines.join(""), checklist: null }, null);
}

const chosen = (rows: readonly TicketRow[], worked = NOBODY, wanted = {}): string | null =>
  nextTicket(rows, worked, wanted, vocabulary)?.name ?? null;

test("[TKT-11] priority now, next, future goes before age, and age before the name", () => {
  const rows = [
    row("training_1", { priority: "future", opened_at: "2026-01-01T00:00:00Z" }),
    row("training_2", { priority: "now", opened_at: "2026-03-02T00:00:00Z" }),
    row("training_3", { priority: "now" }),
    row("training_4", { priority: "now" }),
    row("training_5"),
    row("training_6", { opened_at: "2026-02-01T00:00:00+01:00" }),
  ];
  const order: string[] = [];
  for (let left = rows; left.length > 0; left = left.filter(({ name }) => name !== order.at(-1)))
    order.push(chosen(left) ?? "");
  expect(order.map((name) => name.slice(-1))).toEqual(["3", "4", "2", "6", "5", "1"]);
});

test("[TKT-11] what is not open, not readable, in somebody's hands, or depends on what is not done is passed over", () => {
  for (const status of ["done", "blocked", "InProgress", "abandoned", "nearly"])
    expect(chosen([row("training_1", { status })]), status).toBeNull();
  expect(chosen([row("training_1", { status: "Not started" })])).toBe("training_1");
  expect(chosen([rowOf("training_1", { ticket: "a: [\n", checklist: null }, null)])).toBeNull();
  expect(chosen([row("training_1")], new Set(["training_1"]))).toBeNull();
  const waits = row("training_2", { dependencies: "[training_1, 9]" });
  const done = { status: "Done" };
  expect(chosen([row("training_1", done), waits])).toBeNull();
  expect(
    chosen([row("training_1", done), row("scope_9", done), row("training_9", { status: "blocked" }), waits]),
  ).toBeNull();
  expect(chosen([row("training_1", done), row("scope_9", done), waits])).toBe("training_2");
});

test("[TKT-11] somebody may look for a mode, a role or a phase", () => {
  const rows = [row("training_1"), row("validation_2"), row("scope_3", { mode: "/drive" })];
  expect(chosen(rows, NOBODY, { modes: ["evaluate"] })).toBe("validation_2");
  expect(chosen(rows, NOBODY, { roles: ["onboarder", "ops"] })).toBe("scope_3");
  expect(chosen(rows, NOBODY, { roles: ["studio"] })).toBe("training_1");
  expect(chosen(rows, NOBODY, { modes: ["scope"] })).toBe("scope_3");
  expect(chosen(rows, NOBODY, { phases: ["validation"], modes: ["build"] })).toBeNull();
});

test("[TKT-11] the choice does not hang on the order of what is known", () => {
  const one = fc.record({
    issue: fc.integer({ min: 1, max: 99 }),
    priority: fc.constantFrom("now", "next", "future"),
    day: fc.integer({ min: 10, max: 28 }),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(one, { minLength: 1, maxLength: 6, selector: ({ issue }) => issue }),
      fc.nat(),
      (all, turn) => {
        const rows = all.map(({ issue, priority, day }) =>
          row(`training_${issue}`, { priority, opened_at: `2026-03-${day}T00:00:00Z` }),
        );
        const by = turn % rows.length;
        expect(chosen([...rows.slice(by), ...rows.slice(0, by)])).toBe(chosen(rows));
      },
    ),
  );
});

test("[TKT-11] the next ticket is found on its own branch, taken, and then nothing is left; what follows it is found again", async () => {
  const { box, home, berth } = await team();
  await refusal(berth.ticketNext({}), "NOTHING_FITS");
  await opened(berth, { noWorkspace: true, priority: "future" });
  await opened(berth, { issue: "7", noWorkspace: true, depends: ["training_142"], priority: "now" });
  expect((await berth.ticketNext({})).ticket.name).toBe("training_142");
  expect((await (await box.open(box.clone("other"))).ticketNext({ modes: ["build"] })).ticket.name).toBe(
    "training_142",
  );
  const taken = await berth.ticketTake({ ticket: "training_142" });
  if ("plan" in taken || !taken.workspace) throw new Error("no workspace");
  await refusal(berth.ticketNext({}), "NOTHING_FITS");
  const there = await box.open(taken.workspace.path);
  await there.ticketTick({ items: ["1", "2", "3", "5"] });
  await closed(there);
  expect((await berth.ticketNext({})).ticket.name).toBe("training_7");
  expect((await berth.ticketNext({ roles: ["evaluator"] })).ticket.name).toBe("validation_142");
  await refusal(berth.ticketNext({ phases: ["scope"] }), "NOTHING_FITS");
  // The list knows those of all branches, whatever is checked out here.
  const listed = (await (await box.open(home)).ticketList({})).tickets.map(({ ticket }) => ticket);
  expect(listed).toEqual(["training_142", "training_7", "validation_142"]);
});

test("[TKT-11] of the branch here and on the hub the newer one counts, also where it set the ticket back", async () => {
  const { box, home, berth } = await team({ settings: {} });
  const record = (status: string): Readonly<Record<string, string>> => ({
    "tickets/training_1/ticket.yml": `ticket: training_1\nissue_id: 1\ntitle: T\nphase: training\nstatus: ${status}\n`,
  });
  box.git(home, "switch", "--quiet", "-c", "phase/training_1");
  commit(box, home, "Begin", record("active"));
  box.git(home, "push", "--quiet", "origin", "phase/training_1");
  const began = box.git(home, "rev-parse", "HEAD");
  commit(box, home, "Give up", record("open"));
  box.git(home, "push", "--quiet", "origin", "phase/training_1");
  box.git(home, "reset", "--quiet", "--hard", began);
  box.git(home, "switch", "--quiet", "main");
  expect((await berth.ticketNext({})).ticket.name).toBe("training_1");
  // And the other way round.
  box.git(home, "branch", "--quiet", "-f", "phase/training_1", "origin/phase/training_1");
  box.git(home, "update-ref", "refs/remotes/origin/phase/training_1", began);
  expect((await berth.ticketNext({})).ticket.name).toBe("training_1");
});
