import { expect, test } from "vitest";
import { ledgerFile, listed, refusal, refs, team } from "../support/session.ts";
import { planned } from "../support/sandbox.ts";

/** Puts files into the ledger by hand, as a team would. */
async function addToLedger(setup: Awaited<ReturnType<typeof team>>, files: Record<string, string>): Promise<void> {
  const { box } = setup;
  box.git(box.dir, "clone", "--quiet", "--branch", "berth/ledger", box.hub, "tending");
  const dir = `${box.dir}/tending`;
  box.write(dir, files);
  box.git(dir, "add", "--all");
  box.git(dir, "commit", "--quiet", "-m", "Our templates");
  box.git(dir, "push", "--quiet", "origin", "HEAD:berth/ledger");
}

test("[ASP-03] a draft carries every variable of the template: title, context, problem, criteria, steps, risks, notes", async () => {
  const { box, berth } = await team();
  const first = await planned(berth, "First");
  const drafted = await berth.draft({
    title: "Limit attempts: \"5\" 'per' `minute` {{ x }}",
    context: "Anyone can guess.",
    problem: "Guessing is free.",
    criteria: ["Five a minute", "The sixth gets 429"],
    subsessions: ["Count", "Refuse"],
    risks: ["Locks out offices"],
    depends: [first],
    edgeCases: ["IPv6"],
    notes: ["See RFC 6585"],
    capabilities: ["rust"],
    paths: ["src/auth/**"],
    priority: "now",
  });
  if (!("session" in drafted)) throw new Error("no session");
  expect(drafted.session).toMatchObject({
    priority: "now",
    depends: [first],
    capabilities: ["rust"],
    state: "drafting",
  });
  const text = ledgerFile(box, `drafting/${drafted.session.id}/SESSION.md`);
  for (const part of [
    "{{ x }}",
    "## Context\n\nAnyone can guess.",
    "## Problem Statement\n\nGuessing is free.",
    "- [ ] Five a minute\n- [ ] The sixth gets 429",
    "### 1. Count",
    "### 2. Refuse",
    "- Locks out offices",
    `- ${first}`,
    "- IPv6",
    "See RFC 6585",
    "src/auth/**",
  ]) {
    expect(text).toContain(part);
  }
});

for (const suffix of [".j2", ""]) {
  test(`[ASP-03] [ASP-28] a team's own templates replace ours, named with "${suffix}": session, knowledge merge, environment`, async () => {
    const setup = await team();
    const { box, berth } = setup;
    const away = suffix === "" ? ["SESSION.md.j2", "kb-merge-SESSION.md.j2", "session-env.template.j2"] : [];
    await addToLedger(setup, {
      [`_templates/SESSION.md${suffix}`]:
        "# OURS {{ SESSION_SLUG }}\n\n## Context\n\n{{ CONTEXT }}/{{ PROBLEM_STATEMENT }}\n\n## Acceptance Criteria\n\n{% for c in ACCEPTANCE_CRITERIA %}- [ ] {{ c }}\n{% endfor %}\n{{ SUBSESSIONS | join('+') }} {{ RISKS | join('+') }} {{ DEPENDENCIES | length }} {{ EDGE_CASES | join('+') }} {{ NOTES }}\n",
      [`_templates/kb-merge-SESSION.md${suffix}`]:
        "# KB {{ TOPIC }} from {{ SOURCE_SESSION }} at {{ TIMESTAMP }}\n\n## Context\n\nx\n\n## Acceptance Criteria\n\n- [ ] y\n",
      [`_templates/session-env.template${suffix}`]:
        'export GIT_AUTHOR_NAME="{{ USER_NAME }}"\nexport OURS="{{ SESSION_SLUG }} {{ USER_EMAIL }}"\n',
    });
    if (away.length > 0) {
      const dir = `${box.dir}/tending`;
      box.git(dir, "rm", "--quiet", ...away.map((name) => `_templates/${name}`));
      box.git(dir, "commit", "--quiet", "-m", "Ours alone");
      box.git(dir, "push", "--quiet", "origin", "HEAD:berth/ledger");
    }
    const drafted = await berth.draft({
      title: "T",
      context: "C",
      problem: "P",
      criteria: ["A", "B"],
      subsessions: ["S1", "S2"],
      risks: ["R1", "R2"],
      edgeCases: ["E1", "E2"],
      notes: ["N"],
      priority: "now",
    });
    if (!("session" in drafted)) throw new Error("no session");
    const { id } = drafted.session;
    const text = ledgerFile(box, `drafting/${id}/SESSION.md`);
    expect(text).toContain(`# OURS ${id}\n\n## Context\n\nC/P\n`);
    expect(text).toContain("- [ ] A\n- [ ] B\n");
    expect(text).toContain("S1+S2 R1+R2 0 E1+E2 N");
    expect(text).toContain("priority: now");
    await berth.ready({ id });
    const claim = await berth.claim({ id });
    if (!("workspace" in claim) || !claim.workspace) throw new Error("no workspace");
    const environment = ledgerFile(box, `active/${id}/.session-env`);
    expect(environment).toContain('export GIT_AUTHOR_NAME="agent one"');
    expect(environment).toContain(`export OURS="${id} author@berth.test"`);
    expect(environment).toMatch(/^export BERTH_EPOCH='1'$/m);
    await berth.learn({ text: "Tokens expire", session: id });
    const done = await berth.complete({ id });
    if (!("kbSession" in done) || done.kbSession === null) throw new Error("no knowledge session");
    expect(ledgerFile(box, `planned/${done.kbSession}/SESSION.md`)).toMatch(
      new RegExp(`# KB Tokens expire from ${id} at 20\\d\\d-`),
    );
  });
}

test("[ASP-03] [INV-8] a broken or hostile team template is refused with its line, and nothing changes", async () => {
  const setup = await team();
  const { box, berth } = setup;
  await addToLedger(setup, { "_templates/SESSION.md.j2": "# ok\n{{ ''.constructor.constructor('return 1')() }}\n" });
  const before = refs(box);
  const error = await refusal(berth.draft({ title: "T" }), "INVALID");
  expect(error.message).toContain("_templates/SESSION.md.j2:2");
  expect(refs(box)).toBe(before);
});

test("[ASP-04] a draft becomes planned only with context and acceptance criteria filled in", async () => {
  const { box, berth } = await team();
  const empty = await berth.draft({ title: "Empty" });
  if (!("session" in empty)) throw new Error("no session");
  const { id } = empty.session;
  const neither = await refusal(berth.ready({ id }), "GATE_REFUSED");
  expect(neither.message).toMatch(/"Context".*"Acceptance Criteria"/);
  expect(neither.hint).toContain(`berth edit ${id}`);
  const read = await berth.edit({ id });
  if (!("text" in read)) throw new Error("no text");
  const filled = read.text.replace(/## Context\n\n<!--[^]*?-->/, "## Context\n\nIt is slow.");
  await berth.edit({ id, text: filled });
  const half = await refusal(berth.ready({ id }), "GATE_REFUSED");
  expect(half.message).not.toContain('"Context"');
  expect(listed(box, "berth/ledger:drafting")).toContain(id);
  await berth.edit({ id, text: filled.replace(/- \[ \] <!--.*-->/, "- [ ] It takes less than a second") });
  await expect(berth.ready({ id })).resolves.toMatchObject({ session: { state: "planned" } });
  expect(listed(box, "berth/ledger:planned")).toContain(id);
});

test("[ASP-04] an edit that started from a text somebody changed meanwhile is not written", async () => {
  const { box, berth } = await team();
  const id = await planned(berth, "Two editors");
  const read = await berth.edit({ id });
  if (!("text" in read)) throw new Error("no text");
  const other = await box.open(box.clone("other"), "agent two");
  await other.edit({ id, text: `${read.text}\nTheirs.\n` });
  await refusal(berth.edit({ id, text: `${read.text}\nMine.\n`, was: read.text }), "MERGE_CONFLICT");
  expect(ledgerFile(box, `planned/${id}/SESSION.md`)).toContain("Theirs.");
  await refusal(berth.edit({ id, text: "---\npriority: soon\n---\n# x\n" }), "INVALID");
});
