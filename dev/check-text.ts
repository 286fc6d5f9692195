import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { report } from "./report.ts";

interface Machine {
  /** The folder that holds the checkout. */
  readonly parent: string;
  readonly home: string;
}

/** Holds what would be published to words about the project: nothing of one machine, nothing left for later. */
export function textProblems(files: ReadonlyMap<string, string>, machine: Machine): string[] {
  // A checkout right under the root or the temporary folder tells nothing: every machine has those.
  const places = [machine.parent, machine.home].filter((place) => place !== dirname(place) && place !== tmpdir());
  const problems: string[] = [];
  for (const [file, text] of files) {
    for (const [index, line] of text.split("\n").entries()) {
      const at = `${file}:${index + 1}`;
      for (const place of places) {
        if (namesPath(line, place)) problems.push(`${at}: holds a path of this machine (${place})`);
      }
      if (/\b(?:TODO|FIXME)\b/.test(line) && file !== thisFile) problems.push(`${at}: do it, or write an issue`);
      if (file.endsWith(".test.ts") && /\b(?:test|it|describe)(?:\.\w+)*\.(?:only|skip)\b/.test(line)) {
        problems.push(`${at}: every test runs; remove .only and .skip`);
      }
      if (file === "package-lock.json" && /"resolved":\s*"[a-z+]+:/.test(line)) {
        problems.push(`${at}: names a registry; install with the project's .npmrc in force`);
      }
    }
  }
  return problems;
}

/** Says its own marks in order to find them. */
const thisFile = "dev/check-text.ts";

/** A place counts as a whole path only: `/a/b` is in `/a/b/c` and `"/a/b"`, not in `/a/bc` or `x/a/b`. */
function namesPath(line: string, place: string): boolean {
  for (let at = line.indexOf(place); at !== -1; at = line.indexOf(place, at + 1)) {
    const before = line[at - 1] ?? " ";
    const after = line[at + place.length] ?? " ";
    if (!/[\w.*-]/.test(before) && !/[\w-]/.test(after)) return true;
  }
  return false;
}

function trackedFiles(root: string): Map<string, string> {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  const files = new Map<string, string>();
  for (const path of listed.split("\0")) {
    if (path === "" || !existsSync(join(root, path))) continue;
    const text = readFileSync(join(root, path), "utf8");
    if (!text.includes("\0")) files.set(path, text);
  }
  return files;
}

if (import.meta.main) {
  const root = join(import.meta.dirname, "..");
  report("text", textProblems(trackedFiles(root), { parent: dirname(root), home: homedir() }));
}
