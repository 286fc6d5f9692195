/** Paths to what the files hold. */
export type Files = Readonly<Record<string, string>>;

/** The small project that the demo works on: a library of plain JavaScript with tests that Node runs by itself. */
export const LIBRARY: Files = {
  "package.json": `${JSON.stringify(
    { name: "pilot", version: "1.0.0", private: true, type: "module", scripts: { test: "node --test" } },
    null,
    2,
  )}\n`,
  "README.md": "# Pilot\n\nSmall functions for bringing ships into harbour.\n",
  "src/greeting.js": `/** What the pilot says when a ship comes in. */
export function greeting(ship) {
  return \`Ahoy, \${ship}.\`;
}
`,
  "src/depth.js": `/** Whether a ship has water under its keel. */
export function isAfloat(depth, draught) {
  return depth > draught;
}
`,
  "test/greeting.test.js": testOf(
    "greeting",
    "greeting",
    "the ship is named",
    'assert.match(greeting("Heron"), /Heron/);',
  ),
  "test/depth.test.js": testOf("isAfloat", "depth", "a ship needs water", "assert.equal(isAfloat(3, 4), false);"),
};

/** A test file for one function of the library. */
export function testOf(name: string, file: string, title: string, body: string): string {
  return `import assert from "node:assert/strict";
import { test } from "node:test";
import { ${name} } from "../src/${file}.js";

test(${JSON.stringify(title)}, () => {
  ${body}
});
`;
}
