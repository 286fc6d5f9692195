/**
 * Adds to the lockfile the platform packages that npm left out. A registry that lacks the build of another platform
 * makes npm drop it silently when it writes the lockfile, and `npm ci` then refuses the lockfile everywhere. What is
 * added has a version and its platform; npm fills in the integrity on the first install where it can be had.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Locked {
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Added {
  readonly version: string;
  readonly cpu: readonly string[];
  readonly dev?: boolean;
  readonly libc?: readonly string[];
  readonly optional: true;
  readonly os: readonly string[];
}

/** Names of packages say `win`, `windows` or `win32` for what npm calls `win32`. */
const windows = ["win", "windows"];
const systems = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"];
const processors = ["arm", "arm64", "ia32", "ppc64", "riscv64", "s390x", "x64"];

/** `@oxlint/binding-linux-x64-musl` names what it runs on. */
function platformOf(name: string): Pick<Added, "cpu" | "os" | "libc"> {
  const words = name.split(/[-/]/).map((word) => (windows.includes(word) ? "win32" : word));
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  if (os.length !== 1 || cpu.length !== 1) throw new Error(`${name}: no platform can be told from its name`);
  const libc = words.some((word) => word.startsWith("musl")) ? "musl" : "glibc";
  return os[0] === "linux" ? { cpu, libc: [libc], os } : { cpu, os };
}

/** What the lockfile must still hold: the entries by their place. */
export function leftOut(packages: Readonly<Record<string, Locked>>): Record<string, Added> {
  const found: Record<string, Added> = {};
  for (const [parent, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if ([`${parent}/node_modules/${name}`, `node_modules/${name}`].some((place) => place in packages)) continue;
      if (!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
        throw new Error(`${parent}: ${name}@${version} is no single version`);
      const { cpu, libc, os } = platformOf(name);
      // In npm's own order of keys, so that its next write changes nothing.
      found[`node_modules/${name}`] = { version, cpu, ...(dev && { dev }), ...(libc && { libc }), optional: true, os };
    }
  }
  return found;
}

function complete(path: string): void {
  const lockfile = JSON.parse(readFileSync(path, "utf8")) as { packages: Record<string, Locked> };
  const added = leftOut(lockfile.packages);
  const packages = Object.entries({ ...lockfile.packages, ...added }).sort(([a], [b]) => a.localeCompare(b, "en"));
  writeFileSync(path, `${JSON.stringify({ ...lockfile, packages: Object.fromEntries(packages) }, undefined, 2)}\n`);
  console.log(Object.keys(added).join("\n") || "The lockfile is complete.");
}

if (import.meta.main) complete(join(import.meta.dirname, "../package-lock.json"));
