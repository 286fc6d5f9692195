import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openNotes } from "../../src/brain/notes/open-notes.ts";
import type { NoteStore } from "../../src/brain/notes/note-store.ts";
import { basicMemoryByHttp, basicMemoryEnv, type Installed, installBasicMemory } from "../support/basic-memory.ts";
import { longCount } from "../support/long-count.ts";
import { noteConformance } from "../support/note-conformance.ts";
import { expectUnchanged } from "../support/odd-notes.ts";
import { sandbox } from "../support/sandbox.ts";

// A real server, where one is asked for: it is not fetched for who runs the tests at his desk.
const asked = process.env["BERTH_TEST_BRAIN"] === "1" || Boolean(process.env["CI"]);
const brain: Installed = asked ? await installBasicMemory() : { why: "It is installed for BERTH_TEST_BRAIN=1 or CI." };
const program = "program" in brain ? brain.program : null;
console.log("version" in brain ? `basic-memory ${brain.version}` : `basic-memory is left out. ${brain.why}`);

const home = mkdtempSync(join(tmpdir(), "berth-notes-"));
const server = program === null ? null : await basicMemoryByHttp(program, home);
afterAll(async () => {
  await server?.end();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

/** A repository whose notes are on a server of its own. */
async function ownServer(): Promise<{ notes: NoteStore; again: () => Promise<NoteStore>; settings: string }> {
  const box = sandbox({ remote: false });
  const command = [program, "mcp"];
  const brainSettings = { brain: { store: "server", command, timeout: 20 } };
  box.write(box.hub, { ".berth/config.yaml": `${JSON.stringify(brainSettings)}\n` });
  const env = { ...process.env, ...basicMemoryEnv(join(box.dir, "home")) };
  const again = async (): Promise<NoteStore> => openNotes((await box.open(box.hub, undefined, { env })).project);
  return { notes: await again(), again, settings: join(box.dir, "home", "settings") };
}

describe.skipIf(server === null)("basic-memory", () => {
  describe("by HTTP", () =>
    noteConformance(async () => {
      const box = sandbox({ remote: false });
      const settings = { brain: { store: "server", url: server?.url, timeout: 20 } };
      box.write(box.hub, { ".berth/config.yaml": `${JSON.stringify(settings)}\n` });
      return openNotes((await box.open(box.hub)).project);
    }));

  test("[SIR-11] names and texts that it would change come back as they were", async () => {
    const { notes } = await ownServer();
    await expectUnchanged(notes);
  });

  test("[SIR-04] [SIR-11] started again without its database or its settings, it has the notes, and none is absent", async () => {
    const { notes, again, settings } = await ownServer();
    const note = await notes.write("sessions/session", '{ "version": 7 }\n');
    await notes.close();
    for (const lost of [/^memory\.db/, /./]) {
      for (const name of readdirSync(settings)) if (lost.test(name)) rmSync(join(settings, name), { recursive: true });
      const next = await again();
      expect(await next.read("sessions/session")).toEqual(note);
      expect(await next.list("sessions/*")).toEqual(["sessions/session"]);
      await expect(next.write("sessions/session", "default\n", { expected: null })).rejects.toMatchObject({
        code: "NOTE_CHANGED",
      });
      await next.close();
    }
  });
});

// The session state on a real server: the same tests, in worlds whose notes are there.
if (server !== null) {
  process.env["BERTH_BRAIN_WORLD"] = server.url;
  await import("../brain/session-state.test.ts");
  await import("../brain/consolidation.test.ts");
  // Dozens of changes in a row, which take this server minutes.
  if (longCount("suites on basic-memory", { small: 3, full: 4 }) === 4) await import("../brain/orchestrator.test.ts");
}
