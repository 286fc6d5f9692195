import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { program, sandbox } from "../support/sandbox.ts";

const root = join(import.meta.dirname, "..", "..");

/** The fenced blocks of a document in one language. */
function blocks(file: string, language: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    (match) => match[1] ?? "",
  );
}

test("the commands of README.md do what it says, in the order it gives them", () => {
  const box = sandbox();
  const clone = box.clone("one");
  const today = new Date().toISOString().slice(0, 10);
  const [, , setUp = "", plan = "", work = ""] = blocks("README.md", "sh");
  expect(setUp).toContain("npx berth init");
  expect(work).toContain("berth complete");
  const script = [
    "set -eu",
    setUp.replace(/^npm install.*$/m, "").replaceAll("npx berth", "berth"),
    plan,
    work.replaceAll(
      "# edit, and commit",
      'echo limit > src/limit.txt; git add src; git commit -qm "[$SESSION_ID] feat: limit" # edit, and commit',
    ),
  ]
    .join("\n")
    .replaceAll(/\d{4}-\d\d-\d\d-limit/g, `${today}-limit`);
  box.write(box.dir, { "bin/berth": `#!/bin/sh\nexec ${program.map((word) => `'${word}'`).join(" ")} "$@"\n` });
  chmodSync(join(box.dir, "bin/berth"), 0o755);
  const env = { ...process.env, PATH: `${join(box.dir, "bin")}:${process.env["PATH"]}` };
  execFileSync("bash", ["-c", script], { cwd: clone, env, timeout: 60_000, stdio: "pipe" });
  expect(box.git(box.hub, "show", "main:src/limit.txt")).toBe("limit");
  expect(box.git(box.hub, "ls-tree", "--name-only", "berth/ledger:completed")).toContain(
    `${today}-limit-login-attempts`,
  );
  const landed = box.git(box.hub, "log", "-1", "--format=%an%n%B", "main");
  expect(landed).toContain("otter");
  expect(landed).toContain(`Berth-Session: ${today}-limit-login-attempts`);
});

test("README.md names two commands that do all the set-up, and .ci/run runs exactly the second", () => {
  const commands = blocks("README.md", "sh")
    .slice(0, 2)
    .map((block) => block.trim());
  expect(commands).toEqual(["npm ci && npm run demo", "npm ci && npm test"]);
  const ci = readFileSync(join(root, ".ci/run"), "utf8");
  expect(ci).toMatch(/^npm ci\b/m);
  expect(ci).toMatch(/^npm test\b/m);
});
