import { cpSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { machineId, machineOf } from "../../src/coordination/agent/machine-id.ts";
import { team } from "../support/session.ts";

test("[XCS-03] a machine has one word, whoever asks first; a copy of it on another disk is none", async () => {
  const { box, berth } = await team({ remote: false });
  const { store } = berth.project;
  const at = (name: string): { machineDir: string; store: typeof store } => ({
    machineDir: join(box.dir, name),
    store,
  });
  expect(await machineId(at("one"))).toBeNull();
  const words = await Promise.all(Array.from({ length: 8 }, () => machineOf(at("one"))));
  expect(new Set(words)).toEqual(new Set([await machineId(at("one"))]));
  expect(words[0]).toMatch(/^[0-9a-f]{16}$/);
  cpSync(join(box.dir, "one"), join(box.dir, "two"), { recursive: true });
  expect(await machineId(at("two"))).toBeNull();
  const other = await machineOf(at("two"));
  expect(other).not.toBeNull();
  expect(other).not.toBe(words[0]);
});

test("[XCS-03] where the word cannot be read or made nobody is known again, and a rehearsal makes none", async () => {
  const { box, berth } = await team({ remote: false });
  const { store } = berth.project;
  box.write(box.dir, { "torn/machine.json": '{"id": "x' });
  expect(await machineId({ machineDir: join(box.dir, "torn") })).toBeNull();
  writeFileSync(join(box.dir, "file"), "");
  expect(await machineOf({ machineDir: join(box.dir, "file"), store })).toBeNull();
  const machineDir = join(box.dir, "dry");
  expect(await machineOf({ machineDir, store: { ...store, rehearses: true } })).toBeNull();
  expect(existsSync(machineDir)).toBe(false);
});
