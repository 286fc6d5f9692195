import { readFileSync } from "node:fs";
import type { Result } from "./command.ts";

/** The program's version and what it runs on. */
export function versionResult(): Result {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(manifest) as { readonly version: string };
  const runtime = `node ${process.version}`;
  const platform = `${process.platform}-${process.arch}`;
  return {
    data: { version, runtime, platform },
    text: () => `berth ${version} (${runtime}, ${platform})`,
    brief: version,
  };
}
