import { cpSync, existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { NoteStore } from "../../src/brain/notes/note-store.ts";
import { openNotes } from "../../src/brain/notes/open-notes.ts";
import { noteConformance } from "../support/note-conformance.ts";
import { httpNotes } from "../support/notes-server.ts";
import { sandbox } from "../support/sandbox.ts";
import { expectUnchanged } from "../support/odd-notes.ts";
import { serverWorld, webWorld } from "../support/server-world.ts";

describe("a server of notes on pipes", () => noteConformance(async () => (await serverWorld({ timeout: 10 })).notes));
describe("a server of notes by HTTP", () => noteConformance(async () => (await webWorld()).notes));

describe("notes of a server", () => {
  test("[SIR-06] what is written over unread, deleted or kept is among the versions, and in no other listing", async () => {
    const { notes } = await serverWorld({ timeout: 10 });
    const one = await notes.write("sessions/session", "one\n");
    await notes.write("sessions/session", "two\n");
    await notes.write("sessions/session", "three\n", {
      expected: (await notes.read("sessions/session"))?.checksum ?? "",
    });
    await notes.keep({ ...one, text: "lost\n", checksum: "f".repeat(64) });
    await notes.delete("sessions/session");
    const told = await notes.versions("sessions/session");
    expect(told.map(({ text }) => text)).toEqual(["one\n", "three\n"]);
    expect(Date.parse(told[0]?.at ?? "")).toBeGreaterThan(Date.now() - 60_000);
    expect(await notes.list("**")).toEqual([]);
    expect(await notes.list("versions/**")).toHaveLength(3);
    expect(await notes.search("one")).toEqual([]);
  });

  test("[SIR-15] a change by what it says now loses none of many at once", async () => {
    const { berth, box, notes } = await serverWorld({ timeout: 10 });
    const other = await openNotes((await box.open(box.hub)).project);
    const add = (one: NoteStore, n: number): Promise<unknown> =>
      one.update("count", (found) => `${found?.text ?? ""}${n}\n`);
    await Promise.all(Array.from({ length: 8 }, (_, n) => add(n % 2 === 0 ? notes : other, n)));
    const lines = (await notes.read("count"))?.text.trim().split("\n") ?? [];
    expect(lines.map(Number).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    await expect(notes.update("count", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    berth.close();
  });

  test("[SIR-11] names and texts that the server would change come back as they were", async () => {
    const { notes } = await serverWorld({ timeout: 10 });
    await expectUnchanged(notes);
  });

  test("[SIR-11] a note that somebody made with the server is read without its front matter, and found below ten folders", async () => {
    const { box, notes } = await serverWorld({ timeout: 10 });
    const deep = `${"d/".repeat(23)}end`;
    await notes.write(deep, "deep\n");
    const folder = join(box.hub, ".git/berth/brain-server", notes.project);
    box.write(folder, {
      "by hand.md": "---\ntitle: by hand\ntags: [a]\n---\n# Head\n\ntext\n",
      "plain.md": "no front\n",
    });
    expect(await notes.read("by hand")).toMatchObject({ text: "# Head\n\ntext\n" });
    expect(await notes.read("plain")).toMatchObject({ text: "no front\n" });
    expect(await notes.list("**")).toEqual(["by hand", deep, "plain"]);
    expect(existsSync(join(folder, `${deep}.md`))).toBe(true);
  });

  test("[SIR-01] each repository and workspace has a project of its own, also a copy; one that is named is for all", async () => {
    const { dir } = sandbox({ remote: false });
    const { url } = await httpNotes(join(dir, "server"));
    const one = await serverWorld({ url });
    await one.notes.write("a", "mine\n");
    const other = await serverWorld({ url });
    expect(await other.notes.read("a")).toBeNull();
    cpSync(one.box.hub, join(one.box.dir, "copy"), { recursive: true });
    const copy = await openNotes((await one.box.open(join(one.box.dir, "copy"))).project);
    expect(copy.project).not.toBe(one.notes.project);
    expect(await copy.read("a")).toBeNull();
    one.box.git(one.box.hub, "worktree", "add", "--quiet", "../beside");
    const beside = await openNotes((await one.box.open(join(one.box.dir, "beside"))).project);
    expect(beside.project).not.toBe(one.notes.project);
    expect(await beside.list("**")).toEqual([]);
    renameSync(join(one.box.dir, "copy"), join(one.box.dir, "moved"));
    const moved = await openNotes((await one.box.open(join(one.box.dir, "moved"))).project);
    expect(moved.project).toBe(copy.project);
    const named = await serverWorld({ url, project: one.notes.project });
    expect(await named.notes.read("a")).toMatchObject({ text: "mine\n" });
  });
});
