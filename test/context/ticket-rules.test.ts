import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { checklistItems, checklistProblems } from "../../src/context/ticket/checklist.ts";
import { ownFolderProblems } from "../../src/context/ticket/own-folder.ts";
import { artifactProblems, blobProblems } from "../../src/context/ticket/size.ts";
import { ticketProblems } from "../../src/context/ticket/ticket-problems.ts";
import { vocabularyOf } from "../../src/context/vocabulary.ts";
import { CENTRAL } from "../support/contexts.ts";
import { folderOf, WILD, WILD_SETTINGS } from "../support/tickets.ts";

const LIST = `# Checklist

- [x] Read it *
- [ ] All tests pass *
* [ ] Nice to have
- [ ] \`**Bold** words\` and *this one*

## Later

- [ ] * Star first
- [x] Nice to have
`;
const wild = vocabularyOf(parseConfig(WILD_SETTINGS, "config"));
const limits = { artifact: 500, blob: 5120, warn: 1024 };

const CONTEXT = CENTRAL.replace("phase: training", "phase: train");
const texts = { "ticket.yml": WILD, "checklist.md": LIST, "ACTIVE_SESSION.md": CONTEXT };
const before = folderOf("train_142", texts);
const said = (found: readonly { file: string; line: number; message: string }[]): string[] =>
  found.map(({ file, line, message }) => `${file}:${line} ${message}`);

test("[TKT-04] items are found below every heading; a star that stands alone makes one required", () => {
  expect(
    checklistItems(LIST).map(({ text, required, done, line, heading }) => [text, required, done, line, heading]),
  ).toEqual([
    ["Read it", true, true, 3, "Checklist"],
    ["All tests pass", true, false, 4, "Checklist"],
    ["Nice to have", false, false, 5, "Checklist"],
    ["`**Bold** words` and *this one*", false, false, 6, "Checklist"],
    ["Star first", true, false, 10, "Later"],
    ["Nice to have", false, true, 11, "Later"],
  ]);
  for (const [text, required] of [
    ["do it*", true],
    ["do **it** *", true],
    ["do *it*", false],
    ["**do it**", false],
    ["*do* it", false],
    [String.raw`do it \*`, false],
    ["*", false],
  ] as const)
    expect(checklistItems(`- [ ] ${text}`)[0]?.required, text).toBe(required);
});

test("[TKT-04] a ticked item is never unticked and never gone, nor does a required one go or lose its star", () => {
  const back = (after: string | null): string[] => said(checklistProblems(LIST, after, "f"));
  expect(back(LIST)).toEqual([]);
  expect(back(`${LIST}- [ ] Another one *\n`)).toEqual([]);
  expect(back(LIST.replaceAll("[ ]", "[X]"))).toEqual([]);
  expect(back(LIST.replace("- [x] Read it *", "- [ ] Read it *"))).toEqual([
    'f:3 "Read it" was ticked, and is unticked',
  ]);
  expect(back(LIST.replace("- [x] Read it *\n", ""))).toEqual(['f:1 "Read it" was ticked, and is gone']);
  expect(back(LIST.replace("- [ ] All tests pass *\n", ""))).toEqual(['f:1 "All tests pass" is required, and is gone']);
  expect(back(LIST.replace("pass *", "pass"))).toEqual(['f:4 "All tests pass" is required, and has lost its star']);
  expect(back(null)).toHaveLength(4);
  // One with the same words elsewhere does not stand for it.
  const swapped = LIST.replace("* [ ] Nice to have", "* [x] Nice to have").replace(
    "- [x] Nice to have",
    "- [ ] Nice to have",
  );
  expect(back(swapped)).toEqual(['f:11 "Nice to have" was ticked, and is unticked']);
  expect(back(LIST.replace("# Checklist", "# To do").replace("Read it", "Read   it"))).toEqual([]);
});

test("[TKT-04] whatever is ticked, added and moved about, nothing is said; whatever ticked is unticked or removed is named", () => {
  const item = fc.record({ text: fc.constantFrom("a", "b", "c", "d e"), done: fc.boolean() });
  const list = (items: readonly { text: string; done: boolean }[]): string =>
    items.map(({ text, done }) => `- [${done ? "x" : " "}] ${text}\n`).join("");
  fc.assert(
    fc.property(fc.array(item, { maxLength: 8 }), fc.array(item, { maxLength: 4 }), (was, more) => {
      const grown = [...was.map((one, at) => ({ ...one, done: one.done || at % 2 === 0 })), ...more];
      expect(checklistProblems(list(was), list(grown), "f")).toEqual([]);
      const ticked = was.filter(({ done }) => done);
      expect(checklistProblems(list(was), list(was.map((one) => ({ ...one, done: false }))), "f")).toHaveLength(
        ticked.length,
      );
      expect(checklistProblems(list(was), null, "f")).toHaveLength(ticked.length);
    }),
  );
});

test("[TKT-03] [TKT-04] both versions of a folder are judged in one go, each problem with its file and line", () => {
  expect(ticketProblems(null, before, wild)).toEqual([]);
  expect(ticketProblems(before, before, wild)).toEqual([]);
  const after = folderOf("train_142", {
    "ticket.yml": WILD.replace("phase: train", "phase: validate").replace("issue_id: 142", "issue_id: 143"),
    "checklist.md": LIST.replace("[x] Read", "[ ] Read"),
    "ACTIVE_SESSION.md": CONTEXT.replace("mode: build", "mode: cook"),
  });
  expect(ticketProblems(before, after, wild).map(({ file, line, key }) => `${file}:${line} ${key}`)).toEqual([
    "tickets/train_142/ticket.yml:3 issue_id",
    "tickets/train_142/ticket.yml:12 phase",
    "tickets/train_142/checklist.md:3 ",
    "tickets/train_142/ACTIVE_SESSION.md:9 mode",
  ]);
  const later = folderOf("train_142", { ...texts, "ticket.yml": WILD.replace("09:30:00Z", "09:31:00Z") });
  expect(ticketProblems(before, later, wild).map(({ key }) => key)).toEqual(["started_at"]);
  expect(said(ticketProblems(before, null, wild))).toEqual([
    expect.stringContaining("tickets/train_142:1 folders of tickets stay") as string,
  ]);
  const other = folderOf("train_142", { ...texts, "ACTIVE_SESSION.md": CENTRAL });
  expect(ticketProblems(null, other, wild).map(({ file, key }) => `${file} ${key}`)).toEqual([
    "tickets/train_142/ACTIVE_SESSION.md phase",
  ]);
});

test("[TKT-03] [INV-8] damaged and missing files of a folder are problems with a place, and never a rest that passes", () => {
  const broken = folderOf("train_142", {
    "ticket.yml": "ticket: [\n",
    "checklist.md": LIST,
    "ACTIVE_SESSION.md": "---\n",
  });
  expect(ticketProblems(null, broken, wild).map(({ file }) => file)).toEqual([
    "tickets/train_142/ticket.yml",
    "tickets/train_142/ACTIVE_SESSION.md",
  ]);
  expect(ticketProblems(before, folderOf("train_142", { "a.txt": "a" }), wild).map(({ file }) => file)).toEqual([
    "tickets/train_142/ticket.yml",
    ...Array<string>(4).fill("tickets/train_142/checklist.md"),
    "tickets/train_142/ACTIVE_SESSION.md",
  ]);
});

test("[TKT-04] [TKT-05] a ticket is done through its gate alone, whoever writes it", () => {
  const done = WILD.replace("status: InProgress", "status: done");
  expect(said(ticketProblems(before, folderOf("train_142", { ...texts, "ticket.yml": done }), wild))).toEqual([
    "tickets/train_142/checklist.md:4 item 2 is required and not ticked: All tests pass",
    "tickets/train_142/checklist.md:10 item 5 is required and not ticked: Star first",
    "tickets/train_142/ticket.yml:27 exit criterion 1 is not confirmed: Better than before",
    "tickets/train_142/ticket.yml:28 exit criterion 2 is not confirmed: Somebody agreed",
    "tickets/train_142/ticket.yml:21 the required artifact /models/model.txt is not there",
    "tickets/train_142/ticket.yml:22 the required artifact report.md is not there",
  ]);
  const judged = done.replace("evaluation:\n", "evaluation:\n  exit_criteria: { status: true, eval: review.md }\n");
  const whole = {
    ...texts,
    "ticket.yml": judged,
    "checklist.md": LIST.replaceAll("[ ]", "[x]"),
    "artifacts/report.md": "r",
  };
  expect(ticketProblems(before, folderOf("train_142", whole, ["models/model.txt"]), wild)).toEqual([]);
  const missing = {
    ...whole,
    "checklist.md": LIST.replaceAll("[ ]", "[x]").replace("All tests pass", "Some tests pass"),
  };
  expect(said(ticketProblems(null, folderOf("train_142", missing, ["models/model.txt"]), wild))).toEqual([
    'tickets/train_142/ticket.yml:17 "All tests pass" is required, and the checklist has no such item',
  ]);
});

test("[TKT-05] a phase has artifacts of its own, which every ticket of it must have", () => {
  const settings = { context: { phases: { train: { mode: "build", owner: "lab", artifacts: ["model-card.md"] } } } };
  const words = vocabularyOf(parseConfig(settings, "config"));
  const ticket = "ticket: train_1\nissue_id: 1\ntitle: T\nphase: train\nstatus: done\n";
  const files = { "ticket.yml": ticket, "checklist.md": "# None\n", "ACTIVE_SESSION.md": CONTEXT };
  expect(said(ticketProblems(null, folderOf("train_1", files), words))).toEqual([
    "tickets/train_1/ticket.yml:4 the required artifact model-card.md is not there",
  ]);
  expect(said(ticketProblems(null, folderOf("train_1", { ...files, "artifacts/model-card.md": "" }), words))).toEqual([
    "tickets/train_1/ticket.yml:4 the required artifact model-card.md is empty",
  ]);
  const kept = { ...files, "artifacts/model-card.md/.gitkeep": "" };
  expect(ticketProblems(null, folderOf("train_1", kept), words)).toHaveLength(1);
  for (const path of ["model-card.md", "artifacts/model-card.md", "artifacts/model-card.md/one.txt"])
    expect(ticketProblems(null, folderOf("train_1", { ...files, [path]: "m" }), words)).toEqual([]);
});

test("[TKT-04] of a done ticket nothing changes any more; its archive grows", () => {
  const frozen = {
    ...texts,
    "ticket.yml": WILD.replace("status: InProgress", "status: Done"),
    "ACTIVE_SESSION.archive.md": "a\n",
  };
  const done = folderOf("train_142", frozen);
  const changes = (more: Readonly<Record<string, string>>): string[] =>
    ticketProblems(done, folderOf("train_142", { ...frozen, ...more }), wild).map(({ file }) => file);
  expect(changes({})).toEqual([]);
  expect(changes({ "ACTIVE_SESSION.archive.md": "a\nb\n" })).toEqual([]);
  expect(changes({ "ACTIVE_SESSION.archive.md": "b\n" })).toEqual(["tickets/train_142/ACTIVE_SESSION.archive.md"]);
  expect(changes({ "ticket.yml": WILD, "checklist.md": `${LIST}\n`, "artifacts/new.txt": "n" })).toEqual([
    "tickets/train_142/artifacts/new.txt",
    "tickets/train_142/checklist.md",
    "tickets/train_142/ticket.yml",
  ]);
});

test("[TKT-05] artifacts are small, and text or images; other new files have a limit as well, and a warning before it", () => {
  const files = folderOf("train_142", {
    "artifacts/fits.txt": "x".repeat(500 * 1024),
    "artifacts/large.txt": "x".repeat(500 * 1024 + 1),
    "artifacts/plot.png": { size: 1000, image: true },
    "artifacts/model.bin": { size: 1000, image: false },
    "artifacts/pointer.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 99999999\n",
    "notes.bin": { size: 1000, image: false },
  });
  expect(artifactProblems(files, limits).map(({ file, found, expected }) => [file, found, expected])).toEqual([
    ["tickets/train_142/artifacts/large.txt", "501 KB", "at most 500 KB"],
    ["tickets/train_142/artifacts/model.bin", "other bytes", "text or an image"],
  ]);
  const mega = 1024 * 1024;
  const { problems, warnings } = blobProblems(
    [
      { path: "a", size: mega },
      { path: "b", size: mega + 1 },
      { path: "c", size: 5 * mega },
      { path: "d", size: 5 * mega + 1 },
    ],
    limits,
  );
  expect(problems.map(({ file, message }) => `${file}: ${message}`)).toEqual([
    "d: this new file has 5121 KB; the limit is 5120 KB. Keep it in Git LFS",
  ]);
  expect(warnings).toEqual(["b is new, and has 1025 KB.", "c is new, and has 5120 KB."]);
});

test("[TKT-09] in the workspace of a ticket no path of another one's folder is changed", () => {
  const paths = [
    "src/a.ts",
    "tickets/train_142/ticket.yml",
    "tickets/train_14/ticket.yml",
    "tickets/_templates/build.md",
  ];
  expect(ownFolderProblems("train_142", paths, "tickets").map(({ file }) => file)).toEqual([
    "tickets/train_14/ticket.yml",
  ]);
  expect(ownFolderProblems(null, paths, "tickets")).toEqual([]);
  expect(ownFolderProblems("train_142", paths, "work/tickets")).toEqual([]);
});
