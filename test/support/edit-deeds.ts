import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import type { Berth } from "../../src/open.ts";

/** An agent that works in its workspace, as fast as it can. */
export interface Editor {
  readonly berth: Berth;
  readonly session: string;
  /** The workspace. */
  readonly dir: string;
  /** The hub, where others publish as well. */
  readonly hub: string;
  /** How many numbered files the repository had. */
  readonly files: number;
  random(): number;
}

/** Where the numbered file of the repository is. */
export function numbered(n: number): string {
  return `part${n % 50}/file${n}.txt`;
}

/** A deed by its name. */
export interface EditDeed {
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

/** One deed after the other, each chosen at random. */
export function editing(editor: Editor): () => EditDeed {
  const { dir } = editor;
  let count = 0;
  const below = (limit: number): number => Math.floor(editor.random() * limit);
  const oneOf = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const tracked = (): string => numbered(below(editor.files));
  const fresh = (): string => `${oneOf(["new", "part1", "new/deep er/ünder", "part7/more"])}/${++count}-${below(1e6)}`;
  const text = (): string => `${++count} ${editor.random()}\n`.repeat(1 + below(60));
  const bytes = (): Buffer | string =>
    oneOf([text, (): string => text().replaceAll("\n", "\r\n"), (): Buffer => randomBytes(1 + below(20_000))])();
  const at = (path: string): string => join(dir, path);
  const put = (path: string, content: string | Buffer): void => {
    fs.mkdirSync(dirname(at(path)), { recursive: true });
    fs.writeFileSync(at(path), content);
  };
  const several = (deed: () => void): void => {
    for (let left = 1 + below(8); left > 0; left--) deed();
  };
  const git = (...args: string[]): void => void execFileSync("git", args, { cwd: dir, stdio: "pipe" });

  /** Nothing is brought together while anything is not committed. */
  const saved = (deed: () => Promise<unknown>): Promise<unknown> => {
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "-m", `[${editor.session}] feat: ${++count}`);
    return deed();
  };

  const deeds: Readonly<Record<string, () => unknown>> = {
    append: () => several(() => fs.appendFileSync(at(tracked()), text())),
    rewrite: () =>
      several(() => {
        const path = tracked();
        put(`${path}.tmp`, bytes());
        fs.renameSync(at(`${path}.tmp`), at(path));
      }),
    untracked: () => several(() => put(fresh(), bytes())),
    ignored: () => put(`ignored/${below(20)}.log`, text()),
    delete: () => several(() => fs.rmSync(at(tracked()), { force: true })),
    rename: () => {
      const to = fresh();
      fs.mkdirSync(dirname(at(to)), { recursive: true });
      fs.renameSync(at(tracked()), at(to));
    },
    mode: () => several(() => fs.chmodSync(at(tracked()), oneOf([0o755, 0o644, 0o600]))),
    symlink: () => {
      const path = oneOf([tracked, fresh])();
      fs.mkdirSync(dirname(at(path)), { recursive: true });
      fs.rmSync(at(path), { force: true });
      fs.symlinkSync(oneOf([numbered(1), "nowhere", "../.."]), at(path));
    },
    folder: () => fs.mkdirSync(at(fresh()), { recursive: true }),
    stage: () => git("add", "--", tracked()),
    stageAll: () => git("add", "--all"),
    stageAndGoOn: () => {
      const path = tracked();
      put(path, bytes());
      git("add", "--", path);
      put(path, bytes());
    },
    unstage: () => git("reset", "--quiet", "--", tracked()),
    forget: () => git("rm", "--quiet", "--cached", "--", tracked()),
    intend: () => {
      const path = fresh();
      put(path, text());
      git("add", "--intent-to-add", "--", path);
    },
    commit: () => git("commit", "--quiet", "-m", `[${editor.session}] feat: ${++count}`),
    commitAll: () => git("commit", "--quiet", "--all", "-m", `[${editor.session}] feat: ${++count}`),
    commitMerge: () => git("commit", "--quiet", "--no-edit", "--all"),
    giveMergeUp: () => git("merge", "--abort"),
    log: () => editor.berth.log({ session: editor.session, text: `Entry ${++count}` }),
    checkpoint: () => editor.berth.checkpoint({ id: editor.session }),
    sync: () => saved(() => editor.berth.sync({ id: editor.session })),
    land: () => saved(() => editor.berth.land({ id: editor.session })),
    others: () => publish(editor.hub, `part${below(3)}/file${below(3)}.txt`, text()),
    conflicting: () => put(`part${below(3)}/file${below(3)}.txt`, text()),
  };
  const cheap = ["append", "rewrite", "untracked", "ignored", "delete", "rename", "mode", "symlink", "folder"];
  const slow = Object.keys(deeds).filter((name) => !cheap.includes(name) && name !== "conflicting");
  const names = [...slow, "commitAll", "stageAll", "commitAll", "stageAll", "land", "land", "land", "sync", "sync"];
  let quick = 0;
  return () => {
    // A few edits come between any two of what takes its time.
    quick = quick === 0 ? below(12) : quick - 1;
    const name = quick > 0 ? oneOf([...cheap, "conflicting"]) : oneOf(names);
    return { name, run: async () => deeds[name]?.() };
  };
}

/** Somebody else changes a file on the base branch. */
function publish(hub: string, path: string, content: string): void {
  const from = "commit refs/heads/main\ncommitter Other <other@example.com> 1700000000 +0000\ndata 5\nOther\n";
  const change = `from refs/heads/main^0\nM 100644 inline ${path}\ndata ${Buffer.byteLength(content)}\n${content}\n`;
  execFileSync("git", ["fast-import", "--quiet"], { cwd: hub, input: from + change, stdio: "pipe" });
}
