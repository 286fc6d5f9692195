import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { faultProxy } from "../support/fault-proxy.ts";
import { httpNotes, loseData, setMode } from "../support/notes-server.ts";
import { sandbox } from "../support/sandbox.ts";
import { serverWorld, webWorld } from "../support/server-world.ts";

const unavailable = (reason: string): object => ({
  name: "BrainUnavailableError",
  code: "BRAIN_UNAVAILABLE",
  facts: { reason },
});

describe("a failure of the server has its own error, and is never an absent note", () => {
  test("[SIR-11] it hangs, and works again once it answers", async () => {
    const { home, notes } = await serverWorld();
    const note = await notes.write("sessions/session", "state\n");
    setMode(home, "hang");
    await expect(notes.read("sessions/session")).rejects.toMatchObject(unavailable("timed-out"));
    await expect(notes.write("sessions/session", "other\n")).rejects.toMatchObject(unavailable("timed-out"));
    await expect(notes.list("**")).rejects.toMatchObject(unavailable("timed-out"));
    setMode(home, "well");
    expect(await notes.read("sessions/session")).toEqual(note);
  });

  test("[SIR-11] it is slower than a call may take", async () => {
    const { home, notes } = await serverWorld();
    await notes.write("a", "one\n");
    setMode(home, "slow");
    await expect(notes.read("a")).rejects.toMatchObject(unavailable("timed-out"));
  });

  test.each(["guidance", "nonsense"] as const)("[SIR-11] it answers %s", async (mode) => {
    const { home, notes } = await serverWorld();
    await notes.write("a", "one\n");
    setMode(home, mode);
    await expect(notes.read("a")).rejects.toMatchObject(unavailable("nonsense"));
    await expect(notes.read("missing")).rejects.toMatchObject(unavailable("nonsense"));
    await expect(notes.delete("a")).rejects.toMatchObject(unavailable("nonsense"));
    setMode(home, "well");
    expect(await notes.read("a")).toMatchObject({ text: "one\n" });
  });

  test("[SIR-11] a tool fails", async () => {
    const { home, notes } = await serverWorld();
    await notes.write("a", "one\n");
    setMode(home, "error");
    await expect(notes.read("a")).rejects.toMatchObject({ ...unavailable("failed"), message: /database is locked/ });
  });

  test("[SIR-11] it has not looked at its files yet, and says that there are none", async () => {
    const { home, notes } = await serverWorld();
    await notes.write("a", "one\n");
    setMode(home, "blind");
    await expect(notes.read("a")).rejects.toMatchObject(unavailable("nonsense"));
    await expect(notes.write("a", "default\n", { expected: null })).rejects.toMatchObject(unavailable("nonsense"));
    expect(await notes.read("b")).toBeNull();
    const look = notes.read("a");
    setMode(home, "well");
    expect(await look).toMatchObject({ text: "one\n" });
  });

  test("[SIR-11] it cannot be started, or ends at its start", async () => {
    const { notes } = await serverWorld({ command: ["no-such-program"] });
    await expect(notes.read("a")).rejects.toMatchObject(unavailable("not-started"));
    const other = await serverWorld();
    setMode(other.home, "exit-before");
    writeFileSync(join(other.home, "at-start"), "");
    await expect(other.notes.read("a")).rejects.toMatchObject({
      ...unavailable("not-started"),
      message: /the database cannot be opened/,
    });
  });

  test("[SIR-11] it never says anything", async () => {
    const { home, notes } = await serverWorld();
    writeFileSync(join(home, "silent"), "");
    await expect(notes.read("a")).rejects.toMatchObject(unavailable("timed-out"));
  });

  test("[SIR-11] what it prints besides its messages does no harm", async () => {
    const { home, notes } = await serverWorld();
    writeFileSync(join(home, "garbage"), "");
    await notes.write("a", "one\n");
    expect(await notes.read("a")).toMatchObject({ text: "one\n" });
  });

  test("[SIR-11] the tools are missing", async () => {
    const { home, notes } = await serverWorld();
    setMode(home, "no-tools");
    await expect(notes.read("a")).rejects.toMatchObject({ ...unavailable("tool-missing"), message: /write_note/ });
  });

  test("[SIR-11] it needs a token, which the environment has", async () => {
    const { dir } = sandbox({ remote: false });
    const { url } = await httpNotes(join(dir, "server"), { NOTES_TOKEN: "secret-0815" });
    const without = await serverWorld({ url });
    const refusal = await without.notes.read("a").catch((error: unknown) => error);
    expect(refusal).toMatchObject(unavailable("not-allowed"));
    const { notes } = await serverWorld({ url }, { BERTH_BRAIN_TOKEN: "secret-0815" });
    expect(await notes.read("a")).toBeNull();
  });

  test("[SIR-11] neither a command nor an address is named, or both", async () => {
    await expect(serverWorld({ command: [] })).rejects.toMatchObject({ code: "INVALID" });
    await expect(serverWorld({ command: ["x"], url: "http://127.0.0.1:1/" })).rejects.toMatchObject({
      code: "INVALID",
    });
  });
});

describe("a server that comes and goes", () => {
  test("[SIR-11] ended at every call, it is started again by itself, and nothing is written twice or lost", async () => {
    const { home, notes } = await serverWorld();
    const first = await notes.write("a", "one\n");
    setMode(home, "exit-before");
    await expect(notes.read("a")).rejects.toMatchObject(unavailable("lost"));
    setMode(home, "well");
    expect(await notes.read("a")).toEqual(first);
    setMode(home, "exit-after");
    await expect(notes.write("a", "two\n")).rejects.toMatchObject({ code: "BRAIN_UNAVAILABLE" });
    setMode(home, "well");
    expect(await notes.write("a", "three\n")).toMatchObject({ text: "three\n" });
    expect(await notes.read("a")).toMatchObject({ text: "three\n" });
  });

  test("[SIR-11] killed and started again by HTTP, work goes on", async () => {
    const { notes, server } = await webWorld();
    const note = await notes.write("a", "one\n");
    await server.kill();
    await expect(notes.read("a")).rejects.toMatchObject(unavailable("refused"));
    await expect(notes.write("a", "two\n")).rejects.toMatchObject(unavailable("refused"));
    await server.start();
    expect(await notes.read("a")).toEqual(note);
    // Nobody looked while it was away.
    await server.kill();
    await server.start();
    expect(await notes.write("a", "three\n")).toMatchObject({ text: "three\n" });
  });

  test("[SIR-11] it comes back while a call waits for it", async () => {
    const { notes, server } = await webWorld();
    await notes.write("a", "one\n");
    await server.kill();
    const look = notes.read("a");
    await server.start();
    expect(await look).toMatchObject({ text: "one\n" });
  });

  test("[SIR-11] a write whose answer is lost is looked for, and not done twice", async () => {
    const { dir } = sandbox({ remote: false });
    const server = await httpNotes(join(dir, "server"));
    const wire = await faultProxy(Number(new URL(server.url).port));
    try {
      const { notes } = await serverWorld({ url: `http://127.0.0.1:${wire.port}/mcp` });
      await notes.write("a", "one\n");
      for (const [text, when] of [
        ["two\n", "after"],
        ["three\n", "before"],
      ] as const) {
        wire.resetAt('"write_note"', when);
        expect(await notes.write("a", text, { expected: (await notes.read("a"))?.checksum ?? null })).toMatchObject({
          text,
        });
        expect(await notes.read("a")).toMatchObject({ text });
      }
      wire.weather = "black hole";
      await expect(notes.read("a")).rejects.toMatchObject(unavailable("timed-out"));
      wire.weather = "pass";
      wire.reset();
      expect(await notes.read("a")).toMatchObject({ text: "three\n" });
    } finally {
      await wire.close();
    }
  });

  test("[SIR-04] [SIR-11] without its data it is told of the folder again, and has the notes", async () => {
    const { notes, server } = await webWorld();
    const note = await notes.write("sessions/session", "state\n");
    await server.kill();
    loseData(server.home);
    await server.start();
    expect(await notes.read("sessions/session")).toEqual(note);
  });

  test("[SIR-04] [SIR-11] without its data and the folder, nothing begins anew until somebody says so", async () => {
    const { box, notes, server } = await webWorld();
    await notes.write("sessions/session", "state\n");
    await server.kill();
    loseData(server.home);
    rmSync(join(box.hub, ".git/berth/brain-server", notes.project), { recursive: true });
    await server.start();
    await expect(notes.read("sessions/session")).rejects.toMatchObject(unavailable("project-unknown"));
    await expect(notes.write("sessions/session", "default\n", { expected: null })).rejects.toMatchObject(
      unavailable("project-unknown"),
    );
    rmSync(join(box.hub, ".git/berth/brain-server", `${notes.project}.json`));
    expect(await notes.read("sessions/session")).toBeNull();
  });

  test("[SIR-11] with the handle its process goes, also one that hears nothing", async () => {
    const { berth, home, notes } = await serverWorld();
    await notes.write("a", "one\n");
    const pid = processesOf(home)[0];
    expect(pid).toBeDefined();
    process.kill(pid ?? 0, "SIGSTOP");
    berth.close();
    await expect.poll(() => processesOf(home)).toEqual([]);
    await expect(notes.read("a")).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});

/** The processes of this machine that were started with a folder. */
function processesOf(home: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const file = join("/proc", pid, "cmdline");
      try {
        return readFileSync(file, "utf8").split("\0").includes(home);
      } catch {
        return false;
      }
    })
    .map(Number);
}
