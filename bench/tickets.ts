import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { inTurn, measure, type Sample } from "./measure.ts";
import { compared, timed, type Row } from "./row.ts";
import type { Stage } from "./stage.ts";

const BRANCHES = 50;
/** Tickets that a branch has of its own, besides one of the base's that it changed. */
const OWN = 20;
const WHEN = "Harbour Master <master@harbour.example> 1767225600 +0000";

/**
 * A question about 10,000 tickets on 50 branches: first without anything remembered, beside a program that reads the same
 * files through one `git cat-file --batch` and parses them; then after one commit.
 */
export async function ticketsRow(stage: Stage, quick: boolean): Promise<Row[]> {
  const rounds = quick ? 2 : 7;
  const tickets = quick ? 2000 : 10_000;
  const dir = join(stage.dir, "tickets");
  mkdirSync(dir);
  const git = (args: readonly string[], input?: string): string =>
    execFileSync("git", args, { cwd: dir, env: stage.env, encoding: "utf8", input, maxBuffer: 1 << 28 });
  git(["init", "--quiet", "-b", "main"]);
  git(["fast-import", "--quiet"], world(tickets - BRANCHES * OWN));
  const list = (): Promise<Sample> =>
    measure([...stage.program, "ticket", "list", "--status", "blocked", "--json"], { cwd: dir, env: stage.env });
  const cold = await inTurn(quick ? 1 : 3, {
    ours: () => {
      rmSync(join(dir, ".git", "berth", "cache"), { recursive: true, force: true });
      return list();
    },
    floor: async () => {
      const floor = join(import.meta.dirname, "tickets-worker.ts");
      const sample = await measure([process.execPath, floor, dir], { cwd: dir, env: stage.env });
      // Which files there are is given to the floor.
      return { ...sample, wallMs: (JSON.parse(sample.stdout) as { tookMs: number }).tookMs };
    },
  });
  const commit = (branch: string, n: number, round: number): void =>
    void git(["fast-import", "--quiet"], changed(branch, n, round));
  const warm = await inTurn(rounds, {
    same: list,
    branch: (round) => (commit("phase/training_7", 7, round), list()),
    base: (round) => (commit("main", BRANCHES + 7, round), list()),
    floor: () => measure([process.execPath, "-e", "0"], { cwd: dir, env: stage.env }),
  });
  const what = `a question about ${tickets} tickets on ${BRANCHES} branches`;
  const row = { id: "tickets", floorName: "node -e 0" };
  const wall = (samples: readonly Sample[]): number[] => samples.map(({ wallMs }) => wallMs);
  const rest = (title: string, samples: readonly Sample[], bar: number | null): Row =>
    timed({ ...row, title: `${what}, ${title}`, bar, barOn: "value" }, wall(samples), wall(warm.floor));
  return [
    compared(
      { id: "tickets", floorName: "cat-file --batch and YAML parse", title: `${what}, cold`, bar: 1.3 },
      cold.ours,
      cold.floor,
    ),
    rest("warm", warm.same, 100),
    rest("after a commit on a branch", warm.branch, 100),
    rest("after a commit on the base", warm.base, 100),
  ];
}

function ticketName(n: number): string {
  return `training_${n}`;
}

/** A base with tickets, and branches that each changed one of them and made some of their own. */
function world(shared: number): string {
  const parts = [`commit refs/heads/main\nmark :1\ncommitter ${WHEN}\n${data("Start\n")}`];
  for (let n = 0; n < shared; n++) parts.push(...ticket(n, 0));
  for (let branch = 0; branch < BRANCHES; branch++) {
    const number = shared + branch * OWN;
    parts.push(`commit refs/heads/phase/training_${branch}\ncommitter ${WHEN}\n${data("Work\n")}from :1\n`);
    parts.push(...ticket(branch, 1));
    for (let n = number; n < number + OWN; n++) parts.push(...ticket(n, 0));
  }
  return parts.join("");
}

function changed(branch: string, n: number, round: number): string {
  const head = `commit refs/heads/${branch}\ncommitter ${WHEN}\n${data(`Round ${round}\n`)}from refs/heads/${branch}^0\n`;
  return head + put(`tickets/${ticketName(n)}/ACTIVE_SESSION.md`, contextText(n, round + 10));
}

function ticket(n: number, step: number): string[] {
  const name = ticketName(n);
  const record = [
    `ticket: ${name}`,
    `issue_id: ${n}`,
    `title: Part ${n} of the work`,
    "operator: ada",
    "phase: training",
    "mode: build",
    `status: ${n % 100 === 0 ? "blocked" : "InProgress"}`,
    "next_phase: validation",
    "",
  ];
  return [
    put(`tickets/${name}/ACTIVE_SESSION.md`, contextText(n, step)),
    put(`tickets/${name}/ticket.yml`, record.join("\n")),
    put(`tickets/${name}/checklist.md`, "# Checklist\n\n- [x] Read the issue *\n- [ ] Write the test *\n"),
  ];
}

function contextText(n: number, step: number): string {
  return `---
session_id: 2026-03-01-093000
started_at: 2026-03-01T09:30:00Z
last_updated: 2026-03-01T10:00:00Z
operator: ada
assistant: otter
status: active
mode: build
phase: training
agent: lab
task:
  issue_number: ${n}
  title: Part ${n} of the work
  url: https://example.com/issues/${n}
  priority: next
  status: in_progress
branch: phase/training_${n}
todos:
  - id: "1"
    content: Write the test of part ${n}
    status: completed
    priority: high
  - id: "2"
    content: Write part ${n}, step ${step}
    status: in_progress
    priority: medium
created_files:
  - src/part-${n}.ts
modified_files: []
decisions:
  - Tokens, not cookies
blockers:${n % 100 === 0 ? "\n  - The server of the others is not there" : " []"}
next_steps:
  - Land it
handoff_requirements: []
allowed_tools:
  - Read
  - Write
  - Bash(git:*)
---

# Part ${n} of the work
`;
}

function put(path: string, text: string): string {
  return `M 100644 inline ${path}\n${data(text)}`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
