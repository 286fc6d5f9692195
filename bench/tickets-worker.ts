/** Reads every context and ticket of all branches through one `git cat-file --batch`, and parses them. */
import { execFileSync } from "node:child_process";
import { parse } from "yaml";

const [, , cwd = "."] = process.argv;
const git = (args: readonly string[], input?: string): Buffer =>
  execFileSync("git", args, { cwd, input, maxBuffer: 1 << 30 });

const blobs = new Set<string>();
for (const branch of git(["for-each-ref", "--format=%(refname)", "refs/heads"]).toString().split("\n")) {
  if (branch === "") continue;
  for (const line of git(["ls-tree", "-r", "-z", branch, "tickets/"]).toString().split("\0"))
    if (line.endsWith("/ACTIVE_SESSION.md") || line.endsWith("/ticket.yml")) blobs.add(line.split(/[ \t]/)[2] ?? "");
}
const start = performance.now();
const bytes = git(["cat-file", "--batch"], `${[...blobs].join("\n")}\n`);
let parsed = 0;
for (let at = 0; at < bytes.length;) {
  const end = bytes.indexOf(10, at);
  const size = Number(bytes.toString("latin1", at, end).split(" ")[2]);
  const text = bytes.toString("utf8", end + 1, end + 1 + size);
  at = end + 1 + size + 1;
  const yaml = text.startsWith("---\n") ? text.slice(4, text.indexOf("\n---\n", 3) + 1) : text;
  if (parse(yaml) !== null) parsed += 1;
}
console.log(JSON.stringify({ blobs: blobs.size, parsed, tookMs: performance.now() - start }));
