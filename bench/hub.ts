import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeClaim } from "../src/ledger/claim-record.ts";
import { startingFiles } from "../src/session/starting-files.ts";
import type { Oid } from "../src/git/names.ts";
import type { Stage } from "./stage.ts";

/** What a hub is to hold before anything is measured. */
export interface Content {
  readonly files: number;
  /** Sessions that were completed before. */
  readonly finished: number;
  /** Sessions that can be claimed. */
  readonly planned: number;
  readonly clones: number;
}

/** A hub on disk with clones of it that are set up, each with its linked worktree of the ledger. */
export interface Hub {
  readonly hub: string;
  readonly clones: readonly string[];
  /** The id of the nth planned session. */
  readonly session: (n: number) => string;
}

let made = 0;

/** Makes a hub with this content. History and ledger come in by `git fast-import`, as one pack each. */
export function makeHub(stage: Stage, content: Content): Hub {
  const dir = join(stage.dir, `hub-${++made}`);
  mkdirSync(dir);
  const hub = join(dir, "hub.git");
  const run = (cwd: string, command: readonly string[], input?: string): string => {
    const [file = "", ...args] = command;
    return execFileSync(file, args, { cwd, env: stage.env, encoding: "utf8", input, maxBuffer: 1 << 28 });
  };
  run(dir, ["git", "init", "--quiet", "--bare", hub]);
  run(hub, ["git", "fast-import", "--quiet"], project(content.files));
  const first = clone(run, dir, hub, "first");
  run(first, [...stage.program, "init", "--yes", "--quiet"]);
  run(first, ["git", "add", "--all"]);
  run(first, ["git", "commit", "--quiet", "-m", "Set up Berth"]);
  run(first, ["git", "push", "--quiet", "origin", "HEAD:main"]);
  const id = (n: number): string => `2026-01-02-planned-${String(n).padStart(5, "0")}`;
  run(hub, ["git", "fast-import", "--quiet"], sessions(run, stage, first, content, id));
  const clones = Array.from({ length: content.clones }, (_, n) => {
    const made = clone(run, dir, hub, `clone-${n}`);
    run(made, [...stage.program, "init", "--yes", "--quiet"]);
    return made;
  });
  return { hub, clones, session: id };
}

type Run = (cwd: string, command: readonly string[], input?: string) => string;

function clone(run: Run, dir: string, hub: string, name: string): string {
  run(dir, ["git", "clone", "--quiet", hub, name]);
  return join(dir, name);
}

const WHEN = "Harbour Master <master@harbour.example> 1767225600 +0000";

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

/** A base branch with this many files of 2 kB, forty in a folder. */
function project(files: number): string {
  const parts = [`commit refs/heads/main\ncommitter ${WHEN}\n${data("Start\n")}`];
  for (let n = 0; n < files; n++) {
    const text = Array.from(
      { length: 40 },
      (_, line) => `export const value${line} = ${n * 40 + line}; // line\n`,
    ).join("");
    parts.push(`M 100644 inline src/part-${Math.floor(n / 40)}/file-${n}.js\n${data(text)}`);
  }
  return parts.join("");
}

/** One commit that brings finished and planned sessions in, on top of the fresh ledger. */
function sessions(run: Run, stage: Stage, clone: string, content: Content, id: (n: number) => string): string {
  const model = "2026-01-01-model";
  run(clone, [
    ...stage.program,
    "draft",
    "Model",
    "--id",
    model,
    "--context",
    "It is needed",
    "--criterion",
    "It works",
  ]);
  const plan = run(clone, ["git", "show", `origin/berth/ledger:drafting/${model}/SESSION.md`]);
  run(clone, [...stage.program, "abandon", model, "--reason", "It was a model"]);
  const tip = run(clone, ["git", "rev-parse", "origin/berth/ledger"]).trim();
  const commit = run(clone, ["git", "rev-parse", "origin/main"]).trim() as Oid;
  const parts = [`commit refs/heads/berth/ledger\ncommitter ${WHEN}\n${data("Import\n")}from ${tip}\n`];
  const put = (path: string, text: string): void => void parts.push(`M 100644 inline ${path}\n${data(text)}`);
  for (let n = 0; n < content.planned; n++) put(`planned/${id(n)}/SESSION.md`, plan.replaceAll(model, id(n)));
  for (let n = 0; n < content.finished; n++) {
    const done = `2026-01-01-done-${String(n).padStart(5, "0")}`;
    const record = recordOf(done, commit);
    put(`completed/${done}/SESSION.md`, plan.replaceAll(model, done));
    put(`completed/${done}/claim.yaml`, writeClaim(record));
    for (const [name, text] of Object.entries(startingFiles(record, false))) put(`completed/${done}/${name}`, text);
    put(`completed/${done}/${done}.patch`, `diff --git a/${done} b/${done}\n+${done}\n`);
  }
  return parts.join("");
}

function recordOf(session: string, commit: Oid): Parameters<typeof writeClaim>[0] {
  return {
    session,
    epoch: 1,
    agent: "bench",
    email: "bench@berth.example",
    host: "harbour",
    claimedAt: "2026-01-01T00:00:00Z",
    token: `sha256:${"0".repeat(64)}`,
    branch: `session/${session}`,
    base: commit,
    plan: null,
    tip: commit,
    landed: [{ commit, tip: commit, at: "2026-01-01T00:00:00Z" }],
    landing: null,
    holders: [{ name: "bench", email: "bench@berth.example" }],
    takenFrom: null,
    ended: { how: "completed", at: "2026-01-01T00:00:00Z", reason: "" },
  };
}
