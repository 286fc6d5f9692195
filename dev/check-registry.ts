import { readFileSync } from "node:fs";
import { join } from "node:path";
import { report } from "./report.ts";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly mcpName: string;
}

interface Entry extends Pick<Manifest, "name" | "version"> {
  readonly description: string;
  readonly packages: readonly { readonly identifier: string; readonly version: string }[];
}

/** Holds the entry for the registry of MCP servers to what the package says of itself. */
export function registryProblems(manifest: Manifest, entry: Entry): string[] {
  const { name, version, description, packages } = entry;
  const pairs: readonly (readonly [string, string, string])[] = [
    ["name", name, manifest.mcpName],
    ["version", version, manifest.version],
    ...packages.flatMap((one): [string, string, string][] => [
      ["packages.identifier", one.identifier, manifest.name],
      ["packages.version", one.version, manifest.version],
    ]),
  ];
  const differing = pairs.filter(([, said, meant]) => said !== meant);
  const problems = differing.map(
    ([field, said, meant]) => `server.json: ${field} is ${said}, and package.json has ${meant}`,
  );
  // The registry refuses longer ones.
  if (description.length > 100) problems.push("server.json: the description is longer than 100 characters");
  return problems;
}

if (import.meta.main) {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, "..", name), "utf8"));
  report("registry", registryProblems(read("package.json") as Manifest, read("server.json") as Entry));
}
