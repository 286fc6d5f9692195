import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Project, stateDir } from "../project.ts";

/** Hooks of git that a team may have; all but the gated ones are only passed on. */
const CLIENT_HOOKS = [
  "applypatch-msg",
  "pre-applypatch",
  "post-applypatch",
  "pre-commit",
  "pre-merge-commit",
  "prepare-commit-msg",
  "commit-msg",
  "post-commit",
  "pre-rebase",
  "post-checkout",
  "post-merge",
  "pre-push",
  "post-rewrite",
];
/** Hooks that git calls so often that passing them on costs: only where the team has them already. */
const FREQUENT_HOOKS = ["reference-transaction", "post-index-change", "fsmonitor-watchman", "pre-auto-gc"];
const GATED = new Set(["commit-msg", "pre-commit", "pre-push"]);

/**
 * Writes the hooks folder that Berth's workspaces use, and returns it. Each hook runs the gate (where it has one) and
 * then the team's own hook, found at run time in the `core.hooksPath` or `hooks/` that would hold without us. Workspaces
 * point here by their own settings, and removing one removes that; main checkouts once they were asked to
 * (`setup/context-hooks.ts`), and what held before is remembered as `berth.teamHooks`.
 */
export async function writeHooks(project: Project): Promise<string> {
  const dir = join(stateDir(project), "hooks");
  await mkdir(dir, { recursive: true });
  const theirs = new Set(await readdir(join(project.repository.commonDir, "hooks")).catch(() => []));
  for (const name of [...CLIENT_HOOKS, ...FREQUENT_HOOKS.filter((hook) => theirs.has(hook))]) {
    const file = join(dir, name);
    const text = script(project, name);
    if ((await readFile(file, "utf8").catch(() => "")) === text) continue;
    await writeFile(`${file}.${process.pid}`, text, { mode: 0o755 });
    await rename(`${file}.${process.pid}`, file);
  }
  return dir;
}

function script(project: Project, name: string): string {
  const program = project.program.map(quote).join(" ");
  const common = project.repository.commonDir;
  const gate = `if [ -e ${quote(project.program.at(-1) ?? "")} ]; then
  ${
    name === "pre-push"
      ? `input=$(cat; printf x)
  input=\${input%x}
  printf '%s' "$input" | `
      : ""
  }${program} gate ${name} "$@" || exit $?
else
  echo "berth: the gate was not run: Berth is no longer installed where these hooks were made." >&2
fi`;
  return `#!/bin/sh
# Written by Berth: its gate first, then the team's own hook.
${GATED.has(name) ? gate : ":"}
own=$(git config --file ${quote(join(common, "config"))} --type=path --get berth.teamHooks ||
  git config --file ${quote(join(common, "config"))} --type=path --get core.hooksPath ||
  git config --global --type=path --get core.hooksPath || git config --system --type=path --get core.hooksPath) ||
  own=${quote(join(common, "hooks"))}
[ -x "$own/${name}" ] || exit 0
${name === "pre-push" ? `printf '%s' "$input" | "$own/${name}" "$@"` : `exec "$own/${name}" "$@"`}
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
