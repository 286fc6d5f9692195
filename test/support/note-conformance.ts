import { expect, test } from "vitest";
import { BerthError } from "../../src/errors.ts";
import type { NoteStore } from "../../src/brain/notes/note-store.ts";

/** What every store of notes does alike. @param open a store of a project that no test has used */
export function noteConformance(open: () => Promise<NoteStore>): void {
  test("[SIR-11] a note that is absent is null, in no list, and nothing to delete", async () => {
    const notes = await open();
    expect(await notes.read("sessions/session")).toBeNull();
    expect(await notes.list("**")).toEqual([]);
    expect(await notes.delete("sessions/session")).toBe(false);
    expect(await notes.versions("sessions/session")).toEqual([]);
    expect(await notes.search("anything")).toEqual([]);
  });

  test("[SIR-11] what was written is read to the character, with the same checksum", async () => {
    const notes = await open();
    for (const [path, text] of Object.entries(TEXTS)) {
      const written = await notes.write(path, text);
      expect(written).toMatchObject({ path, text });
      expect(await notes.read(path)).toEqual(written);
    }
    expect(await notes.list("**")).toEqual(Object.keys(TEXTS).toSorted());
  });

  test("[SIR-11] a write may say what it expects: this text, or none", async () => {
    const notes = await open();
    const first = await notes.write("a", "one\n", { expected: null });
    await expect(notes.write("a", "two\n", { expected: null })).rejects.toMatchObject({
      code: "NOTE_CHANGED",
      facts: { found: first.checksum },
    });
    const second = await notes.write("a", "two\n", { expected: first.checksum });
    await expect(notes.write("a", "three\n", { expected: first.checksum })).rejects.toThrow(BerthError);
    await expect(notes.delete("a", { expected: first.checksum })).rejects.toMatchObject({ code: "NOTE_CHANGED" });
    expect(await notes.read("a")).toEqual(second);
    await expect(notes.write("b", "x\n", { expected: first.checksum })).rejects.toMatchObject({
      facts: { found: null },
    });
    expect(await notes.read("b")).toBeNull();
  });

  test("[SIR-09] what was deleted is in no list, and can be written again", async () => {
    const notes = await open();
    const { checksum } = await notes.write("sessions/old", "old\n");
    await notes.write("sessions/new", "new\n");
    expect(await notes.delete("sessions/old", { expected: checksum })).toBe(true);
    expect(await notes.list("**")).toEqual(["sessions/new"]);
    expect(await notes.read("sessions/old")).toBeNull();
    await notes.write("sessions/old", "again\n", { expected: null });
    expect(await notes.read("sessions/old")).toMatchObject({ text: "again\n" });
  });

  test("[SIR-11] a pattern finds names in one folder, or in any", async () => {
    const notes = await open();
    const paths = ["sessions/session", "sessions/session-1", "sessions/session-2", "session-1-agent-qa", "a/b/c"];
    for (const path of paths) await notes.write(path, "text\n");
    expect(await notes.list("sessions/session-*")).toEqual(["sessions/session-1", "sessions/session-2"]);
    expect(await notes.list("session-*-agent-*")).toEqual(["session-1-agent-qa"]);
    expect(await notes.list("*")).toEqual(["session-1-agent-qa"]);
    expect(await notes.list("a/**")).toEqual(["a/b/c"]);
    expect(await notes.list("sessions/session-?")).toHaveLength(2);
  });

  test("[SIR-11] a search tells note and line", async () => {
    const notes = await open();
    await notes.write("one", "# Title\n\nthe quick Fox jumps\n");
    await notes.write("two", "nothing here\n");
    expect(await notes.search("fox")).toEqual([{ path: "one", line: 3, text: "the quick Fox jumps" }]);
  });

  test("[SIR-01] a path that leads elsewhere is refused", async () => {
    const notes = await open();
    for (const path of [
      "",
      "/a",
      "a/",
      "../a",
      "a/../../b",
      "a//b",
      "a\\b",
      ".git/config",
      "a\nb",
      "a/.",
      "x".repeat(400),
    ])
      await expect(notes.write(path, "x"), path).rejects.toMatchObject({ code: "INVALID" });
    expect(await notes.list("**")).toEqual([]);
  });
}

const TEXTS = {
  "sessions/session": '{\n  "currentMode": "coding",\n  "modeHistory": []\n}',
  "über/日本語 note": "Grüße 🎉\nline\n\nlast without an end",
  "plain/markdown": "---\ntags: [a]\n---\n\n# Title\n\n- [ ] open [[link]]\n",
};
