import { spawnSync } from "node:child_process";

/** Shells with the arguments that keep them from reading anybody's settings. */
export const shells: Readonly<Record<string, readonly string[]>> = {
  bash: ["--norc", "--noprofile"],
  zsh: ["-f"],
  fish: ["--no-config"],
  sh: [],
};

/** Why a shell cannot be tried here, or null. bash is never missing: tests fail without it. */
export function missing(shell: string): string | null {
  if (shell === "bash" || spawnSync(shell, ["-c", "true"]).status === 0) return null;
  return `${shell} is not installed`;
}

/** Sources a file in a fresh shell. @returns the environment of a program started after it, and what was printed */
export function source(shell: string, file: string, cwd: string): { vars: Map<string, string>; stderr: string } {
  const args = [...(shells[shell] ?? []), "-c", `. ${file}; env -0`];
  const { stdout, stderr, error } = spawnSync(shell, args, { cwd, encoding: "utf8", maxBuffer: 64_000_000 });
  if (error) throw error;
  const pairs = stdout.split("\0").filter((line) => line.includes("="));
  return {
    vars: new Map(pairs.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)])),
    stderr,
  };
}

/** What a shell says against the syntax of a script, which it does not run. */
export function complaint(shell: string, script: string): string {
  return spawnSync(shell, ["-n", script], { encoding: "utf8" }).stderr;
}
