import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { WILD } from "../support/legacy.ts";
import { commit, refusal, team } from "../support/session.ts";

const FILE = "docs/session-context/ACTIVE_SESSION.md";

test("[CTX-18] [INV-3] keys that JavaScript reserves, and values deeper than YAML may be, stay in the text as they are", async () => {
  const { box, home, berth } = await team({ remote: false });
  const deep = `${"[".repeat(60)}1${"]".repeat(60)}`;
  const files = {
    "n/proto.json":
      '{"__proto__": {"phase": "scope"}, "task": {"__proto__": {"title": "x"}, "title": "T"}, "mode": "build"}\n',
    "n/constructor.json": '{"constructor": 1, "prototype": [2], "hasOwnProperty": "own"}\n',
    "n/deep.json": `{"mode": "build", "deep": ${deep}}\n`,
    "n/control.json": '{"mode": "build", "decisions": ["a\\u0000b", "\\u202e\\ud800"]}\n',
    "n/fences.txt": `~~~~~\n${"~".repeat(300)}\nx\n`,
    "n/comment.md": "--> <!-- x\n## Decisions\n- a\n",
  };
  commit(box, home, "Hostile", files);
  const done = await berth.migrate({ to: "tickets", from: Object.keys(files) });
  expect(done.verified).toBe(true);
  expect(done.plan.map(({ action }) => action)).toEqual(Array.from({ length: 6 }, () => "convert"));
  for (const { from, to } of done.plan) {
    if (from[0] === "n/control.json") continue;
    const made = readFileSync(join(home, to[0] ?? ""), "utf8");
    expect(made, from[0]).toContain(files[(from[0] ?? "") as keyof typeof files].trimEnd().slice(0, 60));
  }
  const control = done.plan.find(({ from }) => from[0] === "n/control.json");
  const { context } = await berth.contextShow({ ticket: control?.name ?? "" });
  expect(context["decisions"]).toEqual(["a\0b", "\u202e\ud800"]);
  const proto = done.plan.find(({ from }) => from[0] === "n/proto.json");
  expect(proto?.name).toMatch(/^enablement_/);
});

test("[CTX-18] long lines and many fences cost no more than their length", async () => {
  const { box, home, berth } = await team({ remote: false });
  const spaces = " ".repeat(300_000);
  commit(box, home, "Long", {
    "n/line.md": `Phase: scope${spaces}x\n- ${spaces}y\nkey${spaces}z\n`,
    "n/pairs.env": `a=1${spaces}2\nb=${spaces}\n`,
    "n/fences.md": "```\n".repeat(30_000),
    "n/yaml.md": "```yaml\na: 1\n```\n".repeat(8_000),
    "n/headings.md": "# a\n## Decisions\n- x\n".repeat(8_000),
    "n/tildes.txt": "~~~\n".repeat(60_000),
    "n/keys.env": Array.from({ length: 4_000 }, (_, at) => `key${at}=${at}\n`).join(""),
    "ACTIVE_SESSIONS.md": Array.from({ length: 100 }, (_, at) => `## S${at}\nStatus: active\n`).join(""),
  });
  const done = await berth.migrate({
    to: "tickets",
    from: ["n", "n/pairs.env", "n/tildes.txt", "n/keys.env", "ACTIVE_SESSIONS.md"],
  });
  expect(done.verified).toBe(true);
  expect(done.plan).toHaveLength(107);
}, 60_000);

test("[TKT-10] [INV-3] a context that git was told to ignore is seen, and not left behind in silence", async () => {
  const { box, home, berth } = await team({ remote: false });
  commit(box, home, "Ignore", { ".gitignore": "docs/session-context/\n", "src/a.txt": "x\n" });
  box.write(home, { [FILE]: WILD });
  const error = await refusal(berth.migrate({ to: "tickets" }), "DIRTY");
  expect(error.facts["paths"]).toEqual([FILE]);
  expect((await berth.migrate({ to: "tickets", dryRun: true })).warnings).toEqual([`${FILE} is not committed`]);
});

test("[CTX-18] nothing that lies below a link, or outside of the checkout, is read or written", async () => {
  const { box, home, berth } = await team({ remote: false });
  const aside = join(box.dir, "aside");
  box.write(aside, { "keep.txt": "keep\n" });
  commit(box, home, "Central", { [FILE]: WILD });
  symlinkSync(aside, join(home, "tickets"));
  await refusal(berth.migrate({ to: "tickets" }), "CHECKOUT_OVERLAP");
  expect(readdirSync(aside)).toEqual(["keep.txt"]);
  expect(box.git(home, "status", "--porcelain")).toBe("?? tickets");
});
