import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execFileSync } from "node:child_process";
import type * as Library from "../../src/index.ts";
import { type Content, makeHub } from "../hub.ts";
import type { Stage } from "../stage.ts";
import type { At } from "./live-worker.ts";

/** A project that is set up, opened through the library that would be published. */
export async function projectAt(
  stage: Stage,
  more: Readonly<Record<string, string>> = {},
  content: Partial<Content> = {},
): Promise<{ readonly berth: Library.Berth; readonly at: At }> {
  const { clones } = makeHub(stage, { files: 20, finished: 0, planned: 0, clones: 1, ...content });
  const dir = clones[0] ?? "";
  const [file = "", ...args] = stage.program;
  execFileSync(file, [...args, "config", "project", "bench", "--quiet"], { cwd: dir, env: stage.env });
  const at: At = { library: join(stage.installed, "dist", "index.js"), dir, env: { ...stage.env, ...more } };
  const { openBerth } = (await import(pathToFileURL(at.library).href)) as typeof Library;
  const machineDir = stage.env["BERTH_HOME"] ?? dir;
  return { berth: await openBerth(dir, { env: at.env, agent: "bench", program: stage.program, machineDir }), at };
}
