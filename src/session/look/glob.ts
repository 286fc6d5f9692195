import { matchesGlob } from "node:path";

/** Whether a plan's pattern foresees a path: the path itself, a folder above it, or a glob. */
export function matches(pattern: string, path: string): boolean {
  const plain = pattern.replace(/^\.\//, "").replace(/\/+$/, "");
  return path === plain || path.startsWith(`${plain}/`) || matchesGlob(path, plain);
}
