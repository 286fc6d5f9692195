import { readFileSync } from "node:fs";
import type { Result } from "./command.ts";

export function programVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

/** The program's version and what it runs on. */
export function versionResult(): Result {
  const version = programVersion();
  const runtime = `node ${process.version}`;
  const platform = `${process.platform}-${process.arch}`;
  return {
    data: { version, runtime, platform },
    text: () => `berth ${version} (${runtime}, ${platform})`,
    brief: version,
  };
}
