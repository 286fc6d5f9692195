import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeContexts } from "../../src/context/merge.ts";
import { readContext } from "../../src/context/read.ts";
import { writeYaml } from "../../src/document/yaml.ts";
import { CENTRAL, CENTRAL_FILE as FILE, merging } from "../support/contexts.ts";
import { refusal, team } from "../support/session.ts";

const FIRST = "    priority: high\n";
const adding = (id: string, content: string): string =>
  CENTRAL.replace(FIRST, `${FIRST}  - id: ${id}\n    content: ${content}\n    status: pending # ${content}\n`);

test("[CTX-05] [CTX-12] [INV-3] todos that two branches added with one number are both there after the merge", async () => {
  const { box, home, berth } = await team({ remote: false });
  merging(box, home, adding('"2"', "Ours"), adding("2", "Theirs"));
  expect(await berth.contextRepair({})).toMatchObject({ from: "merge", conflicts: [] });
  expect((await berth.todoList({})).todos.map(({ id, content }) => [id, content])).toEqual([
    ["1", "Write the test"],
    ["2", "Ours"],
    ["3", "Theirs"],
  ]);
  const text = readFileSync(join(home, FILE), "utf8");
  for (const kept of ["# now\n", "# Ours\n", "# Theirs\n"]) expect(text).toContain(kept);
  // What the branch that gave way changes later counts for its own todo.
  const [base, later] = [adding("2", "Theirs"), adding("2", "Theirs").replace("pending # Theirs", "done # Theirs")];
  const merged = readContext(mergeContexts({ base, ours: text, theirs: later }, FILE)?.text ?? "", FILE).data["todos"];
  expect(merged).toMatchObject([
    { id: "1" },
    { id: "2", content: "Ours", status: "pending" },
    { content: "Theirs", status: "done" },
  ]);
});

test("[CTX-05] [CTX-12] [INV-3] whatever two branches did with todos, each of theirs is there, and no two have one number", () => {
  const content = fc.constantFrom("a", "b", "c", "d", "e");
  const items = fc
    .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 6 }), content), { selector: ([id]) => id, maxLength: 5 })
    .map((all) => all.map(([id, what]) => ({ id: String(id), content: what, status: "pending" })));
  const file = (todos: object): string => `---\n${writeYaml({ mode: "build", todos })}---\n\nText\n`;
  const has = (list: readonly { readonly content: string }[], what: string): boolean =>
    list.some((item) => item.content === what);
  fc.assert(
    fc.property(items, items, items, (base, ours, theirs) => {
      const merged = mergeContexts({ base: file(base), ours: file(ours), theirs: file(theirs) }, "f");
      const list = readContext(merged?.text ?? "", "f").data["todos"] as typeof base;
      expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
      const told = JSON.stringify(merged?.conflicts);
      for (const { content: what } of [...ours, ...theirs])
        if (!has(base, what)) expect(has(list, what) || told.includes(`"${what}"`)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("[CTX-05] [CTX-11] two todos with one id are found, not set, and not told apart by guessing", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.write(home, { [FILE]: CENTRAL });
  const todo = { id: "1", content: "x", status: "pending" };
  const error = await refusal(berth.contextSet({ key: "todos", value: [todo, { ...todo, id: 1 }] }), "INVALID");
  expect(error.message).toContain("todos.1.id: found 1, expected an id that no other todo has");
  box.write(home, { [FILE]: adding("1", "Another") });
  expect((await berth.contextValidate({})).files).toMatchObject([
    { valid: false, problems: [{ key: "todos.1.id", line: 24 }] },
  ]);
  await refusal(berth.todoSet({ id: "1", status: "done" }), "INVALID");
  // It was so before, and does not stand in the way of others.
  await berth.contextSet({ key: "mode", value: "scope" });
});
