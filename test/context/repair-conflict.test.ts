import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sidesOf } from "../../src/context/conflict-sides.ts";
import { readContext } from "../../src/context/read.ts";
import { CENTRAL, CENTRAL_FILE as FILE, merging } from "../support/contexts.ts";
import { commit, refusal, team } from "../support/session.ts";

const text = (home: string): string => readFileSync(join(home, FILE), "utf8");
const QUOTED = "\n```text\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n```\n";

test("[CTX-11] [INV-8] markers of a conflict in the body are damage, with their place", async () => {
  const { box, home, berth } = await team({ remote: false });
  merging(box, home, `${CENTRAL}Ours\n`, `${CENTRAL}Theirs\n`);
  const marked = text(home);
  const line = marked.split("\n").indexOf("<<<<<<< HEAD") + 1;
  const { files } = await berth.contextValidate({});
  expect(files).toMatchObject([{ file: FILE, valid: false, problems: [{ line, column: 1 }] }]);
  const error = await refusal(berth.contextSet({ key: "mode", value: "scope" }), "INVALID");
  expect(error.message).toContain(`${FILE}:${line}:1: a merge-conflict marker (<<<<<<< HEAD)`);
  expect(error.hint).toContain("berth context repair");
  expect(text(home)).toBe(marked);
  // Half of them are no less.
  for (const half of [marked.replace("<<<<<<< HEAD\n", ""), marked.replace(/>>>>>>> .*\n/, "")])
    expect(() => readContext(half, "f")).toThrow("a merge-conflict marker");
  // The same in a form without front matter.
  expect(() => readContext("mode=build\n<<<<<<< a\nphase=x\n=======\nphase=y\n>>>>>>> b\n", "f")).toThrow("f:2:1");
});

test("[CTX-11] [INV-8] an example of a conflict in a block of code is text, and what came after it is not thrown back", async () => {
  const { box, home, berth } = await team({ remote: false });
  const quoting = CENTRAL + QUOTED;
  commit(box, home, "Before", { [FILE]: CENTRAL });
  commit(box, home, "With an example", { [FILE]: quoting });
  expect((await berth.contextValidate({})).files).toMatchObject([{ valid: true }]);
  expect(await berth.contextRepair({})).toMatchObject({ problem: null });
  expect(text(home)).toBe(quoting);
  writeFileSync(join(home, FILE), quoting.slice(0, 200));
  expect(await berth.contextRepair({})).toMatchObject({ from: "index" });
  expect(text(home)).toBe(quoting);
  // A block that is never closed hides none; seven marks of a quotation alone, or below a heading, are none.
  expect(() => readContext(`${CENTRAL}\n\`\`\`\n<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n`, "f")).toThrow("marker");
  expect(readContext(`${CENTRAL}>>>>>>> as he said\nHeading\n=======\n`, "f").data["mode"]).toBe("build");
});

test("[CTX-01] [INV-3] a heading that is underlined with seven marks divides no sides", async () => {
  const { box, home, berth } = await team({ remote: false });
  const ours = `${CENTRAL}Ours Heading\n=======\nours text\n`;
  const theirs = `${CENTRAL}Theirs text\n`;
  merging(box, home, ours, theirs, `${CENTRAL}Intro line\n`);
  expect(sidesOf(text(home))).toBeNull();
  const told = [{ key: "", ours: "Ours Heading\n=======\nours text\n", theirs: "Theirs text\n" }];
  expect(await berth.contextRepair({ dryRun: true })).toMatchObject({ from: "merge", conflicts: told });
  // Nor once the index has forgotten both sides.
  box.git(home, "add", FILE);
  expect(await berth.contextRepair({})).toMatchObject({ from: "merge", conflicts: told });
  expect(text(home)).toBe(ours);
});

test("[CTX-01] [INV-3] a conflict in a block of code, beside an example of one, is merged of the sides that git has", async () => {
  const { box, home, berth } = await team({ remote: false });
  const code = (line: string): string => `\n\`\`\`js\n${line}\n\`\`\`\n`;
  const ours = CENTRAL + QUOTED + code("ours()");
  merging(box, home, ours, CENTRAL + QUOTED + code("theirs()"), CENTRAL + QUOTED + code("base()"));
  expect(await berth.contextRepair({})).toMatchObject({
    from: "merge",
    problem: `${FILE} has the markers of a merge conflict.`,
    conflicts: [{ key: "", ours: "ours()\n", theirs: "theirs()\n" }],
  });
  expect(text(home)).toBe(ours);
  // What somebody decided is not decided again.
  expect(await berth.contextRepair({})).toMatchObject({ problem: null });
});
