import { expect, test } from "vitest";
import { registryProblems } from "../../dev/check-registry.ts";

const manifest = { name: "berth", version: "1.2.3", mcpName: "io.example/berth" };
const entry = {
  name: "io.example/berth",
  version: "1.2.3",
  description: "Short.",
  packages: [{ identifier: "berth", version: "1.2.3" }],
};

test("the registry's entry is held to the package: name, versions, and how long it may describe itself", () => {
  expect(registryProblems(manifest, entry)).toEqual([]);
  expect(registryProblems({ ...manifest, version: "1.2.4" }, entry)).toHaveLength(2);
  expect(registryProblems({ ...manifest, mcpName: "io.example/other" }, entry)).toHaveLength(1);
  expect(registryProblems({ ...manifest, name: "other" }, entry)).toHaveLength(1);
  expect(registryProblems(manifest, { ...entry, description: "x".repeat(101) })).toHaveLength(1);
});
