import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BerthError } from "../../src/errors.ts";
import { planned } from "../support/sandbox.ts";
import { claimed, commit, refusal, type Team, team } from "../support/session.ts";

const bomb = `---\na: &a [x,x,x,x,x,x,x,x,x]\n${Array.from("bcdefghi")
  .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[i]}`).join(",")}]`)
  .join("\n")}\n---\n# Bomb\n`;

/** Folders that somebody with plain git put into the ledger. */
const folders: Readonly<Record<string, string>> = {
  "planned/2026-01-01-binary/SESSION.md": "\0\u0001\u0002ELF\0",
  "planned/2026-01-02-bomb/SESSION.md": bomb,
  "planned/2026-01-03-long-line/SESSION.md": `---\ntitle: Long\n---\n# Long\n${"x".repeat(1_000_000)}\n`,
  "planned/2026-01-04-prototype/SESSION.md": "---\n__proto__: {title: x}\nconstructor: 1\n---\n# Proto\n",
  "planned/2026-01-05-marks/SESSION.md": "<<<<<<< ours\n---\ntitle: A\n=======\n---\ntitle: B\n>>>>>>> theirs\n",
  "planned/2026-01-06-two/SESSION.md": "# Two\n",
  "completed/2026-01-06-two/SESSION.md": "# Two\n",
  "planned/2026-01-07-empty/notes.txt": "no plan\n",
  "planned/Not An Id/SESSION.md": "# Not an id\n",
  "planned/-rf/SESSION.md": "# Dash\n",
  "active/2026-01-08-claim/SESSION.md": "# Claim\n",
  "active/2026-01-08-claim/claim.yaml": "epoch: -1\nagent: [not, text]\n",
  "active/2026-01-09-late/SESSION.md": "# Late\n",
};

async function attacked(): Promise<Team & { good: string }> {
  const at = await team();
  const good = await planned(at.berth, "Sound among the broken");
  const hostile = join(at.box.dir, "hostile");
  at.box.git(at.box.dir, "clone", "--quiet", "--branch", "berth/ledger", at.box.hub, hostile);
  at.box.write(hostile, folders);
  mkdirSync(join(hostile, "planned/2026-01-10-link"));
  symlinkSync("/etc/passwd", join(hostile, "planned/2026-01-10-link/SESSION.md"));
  commit(at.box, hostile, "Hostile", {
    "sessions.lock": "\0not a line\n../../x:1\n2026-01-09-late:99999999999999999999\n",
  });
  at.box.git(hostile, "push", "--quiet");
  return { ...at, good };
}

const broken = ["2026-01-01-binary", "2026-01-02-bomb", "2026-01-07-empty", "2026-01-08-claim", "2026-01-10-link"];

test("[INV-8] doctor names every hostile folder of the ledger at once, and no text of theirs becomes anything else", async () => {
  const at = await attacked();
  const { sessions } = await at.berth.list({ all: true, fetch: true });
  const problems = new Map(sessions.map((row) => [row.id, row.problem]));
  expect(problems.get(at.good)).toBeNull();
  const names = [...broken, "Not An Id", "-rf"];
  for (const id of names) expect(problems.get(id), id).toEqual(expect.any(String));
  const { checks } = await at.berth.doctor({});
  const check = checks.find((c) => c.name === "sessions");
  expect(check?.ok).toBe(false);
  for (const id of [...names, "in two states at once: 2026-01-06-two"]) expect(check?.detail).toContain(id);
  expect(({} as Record<string, unknown>)["title"]).toBeUndefined();
});

test("[INV-8] [INV-10] no verb that reads breaks on a hostile session: it answers or refuses, and the others go on", async () => {
  const at = await attacked();
  const ids = [...new Set(Object.keys(folders).map((path) => path.split("/")[1] ?? ""))];
  await at.berth.list({ fetch: true });
  for (const id of [...ids, "2026-01-10-link", "../../etc", "a\nb"]) {
    const { berth } = at;
    const answers = [berth.show({ id }), berth.drift({ id }), berth.claim({ id, dryRun: true })];
    for (const answer of await Promise.allSettled(answers)) {
      if (answer.status === "rejected") expect(answer.reason, `${id}: ${answer.reason}`).toBeInstanceOf(BerthError);
    }
  }
  for (const id of broken) await refusal(at.berth.claim({ id }));
  const dir = await claimed(at.berth, at.good);
  commit(at.box, dir, `[${at.good}] feat: work`, { "work.txt": "work\n" });
  expect(await at.berth.complete({ id: at.good, tick: ["all"] })).toMatchObject({ workspaceRemoved: true });
  expect(at.box.git(at.box.hub, "show", "main:work.txt")).toBe("work");
});
