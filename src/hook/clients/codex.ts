import { pathsInPatch } from "../apply-patch.ts";
import type { Client, Payload, Tool } from "../event.ts";
import { mapAt, proseAt, textAt } from "../payload.ts";
import { claude } from "./claude.ts";

/**
 * Codex: the form is Claude Code's, but the files of an edit stand in the patch alone, and the shell has names of its
 * own. What it rejects (`ask`, `allow`), Berth never answers.
 */
export const codex: Client = {
  program: "codex",
  read: (payload) => ({ ...claude.read(payload), tool: toolIn(payload), todos: [] }),
  write: claude.write,
};

const SHELLS = new Set(["shell", "local_shell", "exec_command", "unified_exec", "Bash"]);

function toolIn(payload: Payload): Tool | null {
  const name = textAt(payload, "tool_name");
  if (name === null) return null;
  const input = mapAt(payload, "tool_input");
  if (name === "apply_patch")
    return { name: "Edit", paths: pathsInPatch(proseAt(input, "command") ?? proseAt(input, "input") ?? "") };
  return { name: SHELLS.has(name) ? "Bash" : name, paths: [] };
}
