import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { embeddedNotes } from "../../src/brain/notes/embedded.ts";
import type { NoteStore } from "../../src/brain/notes/note-store.ts";
import { systemClock } from "../../src/clock.ts";
import { noteConformance } from "../support/note-conformance.ts";
import { sandbox } from "../support/sandbox.ts";

const project = { clock: systemClock, signal: undefined };

function open(folder: string = sandbox().dir, name = "main"): NoteStore {
  return embeddedNotes(project, join(folder, "brain"), name);
}

describe("the embedded store of notes", () => noteConformance(async () => open()));

test("[SIR-06] every version is kept, also across deletions and edits by hand", async () => {
  const { dir } = sandbox();
  const notes = open(dir);
  const file = join(notes.place, "a.md");
  const texts = Array.from({ length: 120 }, (_, n) => `head ${n}\n${"same line\n".repeat(20)}tail\n`);
  for (const text of texts.slice(0, 60)) await notes.write("a", text);
  await notes.delete("a");
  for (const text of texts.slice(60, 119)) await notes.write("a", text);
  writeFileSync(file, "by hand\n");
  await notes.write("a", texts[119] ?? "");
  const kept = (await notes.versions("a")).map(({ text }) => text);
  expect(kept).toEqual([...texts.slice(0, 119), "by hand\n", texts[119]]);
  const size = readFileSync(join(dir, "brain", "main", "versions", "a.jsonl")).length;
  expect(size).toBeLessThan(texts.join("").length);
});

test("[SIR-06] a version that a killed run wrote down and did not show is none", async () => {
  const { dir } = sandbox();
  const notes = open(dir);
  const top = join(dir, "brain", "main");
  await notes.write("a", "one\n");
  await notes.write("a", "two\n");
  // As it is between the journal and the rename: the note is still the first one, and the second one waits.
  const { part } = JSON.parse(readFileSync(join(top, "versions", "a.jsonl"), "utf8").split("\n")[1] ?? "") as {
    part: string;
  };
  renameSync(join(notes.place, "a.md"), join(top, "versions", part));
  writeFileSync(join(notes.place, "a.md"), "one\n");
  expect((await notes.versions("a")).map(({ text }) => text)).toEqual(["one\n"]);
  // The write of another note says nothing of this one.
  await notes.write("b", "other\n");
  expect((await notes.versions("a")).map(({ text }) => text)).toEqual(["one\n"]);
  await notes.write("a", "three\n");
  expect((await notes.versions("a")).map(({ text }) => text)).toEqual(["one\n", "three\n"]);
  expect(readdirSync(join(top, "versions"))).toEqual(["a.jsonl", "b.jsonl"]);
});

test("[SIR-04] [SIR-11] notes are in the list whatever folder beside them comes and goes", async () => {
  const { dir } = sandbox();
  const notes = open(dir);
  await notes.write("sessions/session-1", "one\n");
  const over = new AbortController();
  const churn = (async () => {
    while (!over.signal.aborted) {
      await notes.write("tmp/x/y", "text\n");
      await notes.delete("tmp/x/y");
    }
  })();
  for (let n = 0; n < 300; n++) expect(await notes.list("sessions/session-*")).toEqual(["sessions/session-1"]);
  over.abort();
  await churn;
});

test("[SIR-06] half a line at the end of the journal, and a line that is damaged, cost themselves alone", async () => {
  const { dir } = sandbox();
  const notes = open(dir);
  const journal = join(dir, "brain", "main", "versions", "a.jsonl");
  await notes.write("a", "one\n");
  writeFileSync(journal, `${readFileSync(journal, "utf8")}nonsense\n{"at":"2026`);
  await notes.write("a", "two\n");
  expect((await notes.versions("a")).map(({ text }) => text)).toEqual(["one\n", "two\n"]);
});

test("[SIR-01] projects never see each other's notes", async () => {
  const { dir } = sandbox();
  const [one, other] = [open(dir, "one"), open(dir, "other")];
  await one.write("sessions/session", "mine\n");
  expect(await other.read("sessions/session")).toBeNull();
  expect(await other.list("**")).toEqual([]);
  await other.delete("sessions/session");
  expect(await one.read("sessions/session")).toMatchObject({ text: "mine\n" });
});

test("[SIR-11] what the disk refuses is unavailable, and never absent", async () => {
  const { dir } = sandbox();
  const notes = open(dir);
  await notes.write("a", "one\n");
  // A folder where the file is: readable by nobody as a note, whoever runs this.
  rmSync(join(notes.place, "a.md"));
  mkdirSync(join(notes.place, "a.md"));
  await expect(notes.read("a")).rejects.toMatchObject({ name: "BrainUnavailableError", code: "BRAIN_UNAVAILABLE" });
  await expect(notes.write("a", "two\n")).rejects.toMatchObject({ code: "BRAIN_UNAVAILABLE" });
  expect(existsSync(join(notes.place, "a.md"))).toBe(true);
});

test("[SIR-06] a journal that has grown long goes on in another file, and the oldest of four goes", async () => {
  const { dir } = sandbox();
  const notes = open(dir);
  const text = (n: number): string => `${n}\n${`${n}`.repeat(3_000_000 / `${n}`.length)}`;
  for (let n = 0; n < 40; n++) await notes.write("a", text(n));
  const files = readdirSync(join(dir, "brain", "main", "versions"));
  expect(files.toSorted()).toEqual(["a.jsonl", "a.jsonl.1", "a.jsonl.2", "a.jsonl.3"]);
  const kept = (await notes.versions("a")).map((version) => Number(version.text.split("\n", 1)[0]));
  expect(kept.at(-1)).toBe(39);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 40 - kept.length + i));
  expect(kept.length).toBeGreaterThan(15);
});

test("[SIR-06] [SIR-15] of many that expect the same text one writes, and the others are told", async () => {
  const { dir } = sandbox();
  const first = await open(dir).write("a", "first\n");
  for (const expected of [first.checksum, null]) {
    const path = expected === null ? "b" : "a";
    const writes = Array.from({ length: 20 }, (_, n) => open(dir).write(path, `${n}\n`, { expected }));
    const ended = await Promise.allSettled(writes);
    const won = ended.flatMap((end) => (end.status === "fulfilled" ? [end.value.text] : []));
    expect(won).toHaveLength(1);
    for (const end of ended) if (end.status === "rejected") expect(end.reason).toMatchObject({ code: "NOTE_CHANGED" });
    expect((await open(dir).versions(path)).map(({ text }) => text)).toEqual(expected ? ["first\n", ...won] : won);
  }
});
