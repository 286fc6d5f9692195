import { constants, fstatSync, readFileSync, statSync } from "node:fs";
import { devNull } from "node:os";

/**
 * Whether whoever started this process left it nothing to print to. Node opens the null device, for reading as well, in
 * place of an output that is closed; a shell's `> /dev/null` is open for writing alone. Seen on Linux only.
 */
export function isClosed(stream: object): boolean {
  const { fd } = stream as { readonly fd?: unknown };
  if (typeof fd !== "number") return false;
  try {
    const [own, nothing] = [fstatSync(fd), statSync(devNull)];
    if (!own.isCharacterDevice() || own.rdev !== nothing.rdev) return false;
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1] ?? "0";
    return (Number.parseInt(flags, 8) & (constants.O_WRONLY | constants.O_RDWR)) === constants.O_RDWR;
  } catch {
    return false;
  }
}
