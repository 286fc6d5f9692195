import { expect } from "vitest";
import type { NoteStore } from "../../src/brain/notes/note-store.ts";

const NAMES = [
  "a+b",
  "ab",
  "a--b",
  "a-b",
  "a_b",
  "-a",
  "a-",
  "#x/y",
  "x/y",
  "~z",
  "build/x",
  "aꞏ2bꞏb",
  "a..b",
  "😀",
  "c, d",
  "Session",
  "session",
  "é",
  "e",
  "123",
  "null",
];

const TEXTS = [
  "",
  "---\n",
  "\n---\na: 1\n---\n",
  "````text note\nx\n````\n",
  "a\0b",
  "a\uD800b",
  "\r\n",
  "\uFEFFx",
  "  x  \n\n",
];

/** Writes names and texts that servers of notes change by themselves, and expects them as they were. */
export async function expectUnchanged(notes: NoteStore): Promise<void> {
  for (const name of NAMES) await notes.write(name, `text of ${name}\n`, { expected: null });
  expect(await notes.list("**")).toEqual(NAMES.toSorted());
  for (const name of NAMES) expect(await notes.read(name)).toMatchObject({ text: `text of ${name}\n` });
  for (const text of TEXTS) {
    await notes.write("text", text);
    expect((await notes.read("text"))?.text).toBe(text);
  }
  await notes.delete("text");
  expect((await notes.versions("text")).map(({ text }) => text)).toEqual(TEXTS);
}
