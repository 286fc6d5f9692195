import { expect, test } from "vitest";
import { looksSecret } from "../../src/checkpoint/secrets.ts";
import type { Berth } from "../../src/open.ts";
import { commit, refusal, team, working } from "../support/session.ts";

/** Put together here, so that no one who searches this file takes them for real ones. */
const TOKEN = ["ghp", "a".repeat(36)].join("_");
const KEY = ["-----BEGIN", "RSA PRIVATE KEY-----"].join(" ");

test("[XCS-19] what looks like a secret is known by its name or by its content, and an example is none", () => {
  const none = Buffer.from("x\n");
  for (const path of [
    ".env",
    "a/.env.local",
    "prod.env",
    "id_ed25519",
    "certs/server.pem",
    ".npmrc",
    "credentials.json",
  ])
    expect(looksSecret(path, none), path).not.toBeNull();
  for (const path of [".env.example", "keys.ts", "environment.md", "id_rsa.pub", "secrets.test.ts", "src/token.ts"])
    expect(looksSecret(path, none), path).toBeNull();
  for (const text of [KEY, `token: ${TOKEN}`, "https://me:hunter2hunter2@host/x", 'password = "correct-horse-battery"'])
    expect(looksSecret("a.txt", Buffer.from(text)), text).not.toBeNull();
  for (const text of [
    "password: string",
    "const token = readToken();",
    "https://host/x@y",
    'secret: "${SECRET_VALUE}"',
  ])
    expect(looksSecret("a.txt", Buffer.from(text)), text).toBeNull();
});

async function keep(berth: Berth, id: string): Promise<{ ref: string; warnings: readonly string[] }> {
  const taken = await berth.checkpoint({ id });
  if (!("checkpoint" in taken)) throw new Error("a dry run was not asked for");
  return { ref: taken.checkpoint.ref, warnings: taken.warnings };
}

test("[XCS-19] checkpoints stay on the machine unless the settings push them", async () => {
  const { box, berth } = await team();
  const { id, dir } = await working(berth, "Kept");
  box.write(dir, { "loose.txt": "loose\n" });
  await keep(berth, id);
  expect(box.git(box.hub, "for-each-ref", "refs/berth/")).toBe("");
});

test("[XCS-19] what is pushed is without secrets, which are named; here it is whole", async () => {
  const { box, home, berth } = await team({ settings: { push: { checkpoints: true } } });
  const { id, dir } = await working(berth, "Kept");
  commit(box, dir, `[${id}] feat: start`, { "config.txt": "open\n" });
  box.write(dir, { "loose.txt": "loose\n" });
  const open = await keep(berth, id);
  expect(open.warnings).toEqual([]);
  expect(box.git(box.hub, "rev-parse", open.ref)).toBe(box.git(home, "rev-parse", open.ref));

  box.write(dir, { ".env": "A=1\n", "config.txt": `token ${TOKEN}\n`, "staged.txt": `${KEY}\n` });
  box.git(dir, "add", "staged.txt");
  box.write(dir, { "staged.txt": "harmless now\n" });
  const { ref, warnings } = await keep(berth, id);
  expect(warnings.join()).toMatch(/\.env .*config\.txt .*staged\.txt|Held back from the hub/);
  const there = box.git(box.hub, "ls-tree", "-r", "--name-only", ref).split("\n");
  expect(there).toContain("loose.txt");
  for (const path of [".env", "config.txt", "staged.txt"]) expect(there).not.toContain(path);
  const objects = box.git(box.hub, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split("\n");
  for (const path of [`${ref}:.env`, `${ref}:config.txt`, `${ref}^2:staged/staged.txt`])
    expect(objects, path).not.toContain(box.git(home, "rev-parse", path));
  expect(box.git(home, "show", `${ref}:.env`)).toBe("A=1");

  const other = box.clone("other");
  box.git(other, "fetch", "-q", "origin", `${ref}:${ref}`);
  const far = await box.open(other, "agent two");
  const { checkpoint } = await far.checkpointShow({ ref });
  expect(checkpoint.heldBack.map(({ path }) => path).toSorted()).toEqual([".env", "config.txt", "staged.txt"]);
  await refusal(far.checkpointRestore({ ref, to: `${box.dir}/new` }), "GATE_REFUSED");
  await far.checkpointRestore({ ref: open.ref, to: `${box.dir}/new` }).catch((error: unknown) => {
    // The first one was not fetched.
    expect(error).toMatchObject({ code: "NOT_FOUND" });
  });
});

test("[XCS-19] [ASP-16] a release leads others to the work that was not committed, where the settings push it", async () => {
  const { box, berth } = await team({ settings: { push: { checkpoints: true } } });
  const { id, dir } = await working(berth, "Kept");
  box.write(dir, { "loose.txt": "loose\n", ".env": "A=1\n" });
  const given = await berth.release({ id, reason: "later" });
  if (!("kept" in given)) throw new Error("a dry run was not asked for");
  expect(given.warnings.join()).toContain(".env");
  const found = box.git(box.hub, "log", "-1", "--format=%P", "berth/ledger").split(" ");
  const shared = found.find((parent) => box.git(box.hub, "ls-tree", "-r", "--name-only", parent).includes("loose.txt"));
  expect(shared).toBeDefined();
  expect(box.git(box.hub, "ls-tree", "-r", "--name-only", shared ?? "")).not.toContain(".env");
});
