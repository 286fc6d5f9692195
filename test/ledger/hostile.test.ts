import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planned } from "../support/sandbox.ts";
import { claimed, commit, ledgerFile, refs, refusal, type Team, team } from "../support/session.ts";

/** Pushes files into the ledger past every check, as whoever may push there can. */
function plant(at: Team, files: Readonly<Record<string, string | Buffer | { link: string }>>): void {
  const { box } = at;
  const dir = join(box.dir, "plant");
  if (!existsSync(dir)) box.git(box.dir, "clone", "--quiet", "--branch", "berth/ledger", box.hub, dir);
  box.git(dir, "pull", "--quiet", "origin", "berth/ledger");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(dir, path, ".."), { recursive: true });
    if (typeof content === "object" && "link" in content) symlinkSync(content.link, join(dir, path));
    else writeFileSync(join(dir, path), content);
  }
  commit(box, dir, "Planted");
  box.git(dir, "push", "--quiet", "origin", "HEAD:berth/ledger");
}

const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c]\n`;
const plans: Readonly<Record<string, string | Buffer>> = {
  "2025-01-01-binary": Buffer.from(Array.from({ length: 4096 }, (_, i) => i % 256)),
  "2025-01-01-bomb": `---\n${bomb}---\n# Bomb\n`,
  "2025-01-01-tag": "---\ntitle: !!js/function 'x'\n---\n# Tag\n",
  "2025-01-01-double": "---\ntitle: a\ntitle: b\n---\n# Double\n",
  "2025-01-01-proto": '---\n"__proto__": {x: 1}\npaths: "../.."\n---\n# Proto\n',
  "2025-01-01-markers": "---\n<<<<<<< a\ntitle: a\n=======\ntitle: b\n>>>>>>> b\n---\n# Markers\n",
  "2025-01-01-other-id": "---\nid: 2025-01-01-somebody-else\n---\n# Other\n",
  "2025-01-01-outside": "---\npaths: [../../etc/passwd]\ndepends: [../x]\n---\n# Outside\n",
};

test("[INV-8] a session with hostile content is named with its problem, is never chosen, and hinders no other", async () => {
  const at = await team();
  const { box, berth } = at;
  plant(at, {
    ...Object.fromEntries(Object.entries(plans).map(([id, text]) => [`planned/${id}/SESSION.md`, text])),
    "planned/not an id/SESSION.md": "# x\n",
    "planned/2025-01-01-empty/notes.txt": "no plan\n",
    "planned/a-file": "x\n",
  });
  const sound = await planned(berth, "Sound");
  const rows = (await berth.list({ fetch: true, states: ["planned"] })).sessions;
  for (const row of rows) {
    if (row.id === sound) expect(row.problem).toBeNull();
    else expect(row.problem, row.id).not.toBeNull();
  }
  expect(rows.map((row) => row.id)).toEqual(
    expect.arrayContaining([...Object.keys(plans), "2025-01-01-empty", "not an id", sound]),
  );
  const before = refs(box);
  for (const id of [...Object.keys(plans), "2025-01-01-empty"]) {
    const error = await refusal(berth.claim({ id }), "INVALID");
    expect(error.message, id).toContain(id);
  }
  expect(refs(box)).toBe(before);
  expect((await berth.doctor({})).checks.find((c) => c.name === "sessions")).toMatchObject({ ok: false });
  expect(await berth.claim({ next: true })).toMatchObject({ session: { id: sound } });
  await expect(berth.complete({ id: sound })).resolves.toMatchObject({ session: { state: "completed" } });
});

test("[INV-8] [INV-9] a plan with a line of a megabyte and text that looks like anything goes through a whole life as text", async () => {
  const at = await team();
  const { home, berth } = at;
  const id = "2025-01-01-long";
  const long = "x".repeat(1_000_000);
  const text = `\uFEFF---\ntitle: "Long"\n---\r\n\n# Long\n\n## Context\n\n${long}\n\u202e{{ SESSION_SLUG }} $(touch pwned)\n\n## Acceptance Criteria\n\n- [ ] ${long}\n`;
  plant(at, { [`planned/${id}/SESSION.md`]: text });
  const dir = await claimed(berth, id);
  expect(readFileSync(join(dir, ".session/SESSION.md"), "utf8")).toBe(text);
  await berth.complete({ id, tick: [1] });
  const shown = join(home, "_AGENTS/sessions/completed", id, "SESSION.md");
  expect(readFileSync(shown, "utf8")).toBe(text.replace("- [ ] x", "- [x] x"));
  expect(existsSync(join(dir, "pwned"))).toBe(false);
});

test("[INV-3] links in the ledger lead nowhere: nothing outside is read, written, or given other rights", async () => {
  const at = await team();
  const { box, home, berth } = at;
  const victim = join(box.dir, "victim");
  writeFileSync(victim, "# Secret\n\n## Context\n\nc\n\n## Acceptance Criteria\n\n- [ ] x\n");
  chmodSync(victim, 0o600);
  const ids = { plan: "2025-01-01-linked-plan", log: "2025-01-01-linked-log", env: "2025-01-01-linked-env" };
  const sound = readFileSync(victim, "utf8").replace("Secret", "Sound");
  plant(at, {
    [`planned/${ids.plan}/SESSION.md`]: { link: victim },
    [`planned/${ids.log}/SESSION.md`]: sound,
    [`planned/${ids.log}/worklog.md`]: { link: victim },
    [`planned/${ids.env}/SESSION.md`]: sound,
    [`planned/${ids.env}/.session-env`]: { link: victim },
    [`active/2025-01-01-active/SESSION.md`]: { link: victim },
  });
  await berth.draft({ title: "Brings the folder forward" });
  expect(lstatSync(join(home, "_AGENTS/sessions/planned", ids.plan, "SESSION.md")).isSymbolicLink()).toBe(true);
  const before = refs(box);
  for (const id of Object.values(ids)) {
    const refused = await refusal(berth.claim({ id }), "INVALID");
    expect(refused.message).toContain(`${id}/`);
    expect(refused.message).not.toContain("Secret");
  }
  expect(refs(box)).toBe(before);
  expect(existsSync(join(home, ".worktrees"))).toBe(false);
  expect(readFileSync(victim, "utf8")).toMatch(/^# Secret/);
  expect(statSync(victim).mode & 0o777).toBe(0o600);
});

test("[INV-8] damage is reported, not guessed around: a broken claim record, one session in two folders, a broken lock", async () => {
  const at = await team();
  const { berth } = at;
  const [broken, twice] = ["2025-01-01-broken", "2025-01-01-twice"];
  const sound = "# S\n\n## Context\n\nc\n\n## Acceptance Criteria\n\n- [ ] x\n";
  plant(at, {
    [`active/${broken}/SESSION.md`]: sound,
    [`active/${broken}/claim.yaml`]: "epoch: many\n",
    [`planned/${twice}/SESSION.md`]: sound,
    [`completed/${twice}/SESSION.md`]: sound,
    "sessions.lock": "\0\u0001 no claim\n::::\n# a remark\n2025-01-01-twice-not:12x\n",
  });
  await berth.list({ fetch: true });
  const record = await refusal(berth.claim({ id: broken }), "INVALID");
  expect(record.message).toContain("claim.yaml");
  expect((await refusal(berth.claim({ id: twice }), "UNREADABLE")).message).toContain("planned and completed");
  const checks = (await berth.doctor({})).checks.filter((c) => !c.ok).map((c) => c.name);
  expect(checks).toEqual(expect.arrayContaining(["sessions"]));
  const id = await planned(berth, "Sound");
  expect(await berth.claim({ next: true })).toMatchObject({ session: { id } });
  expect(ledgerFile(at.box, "sessions.lock")).toContain("# a remark");
});
