import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AGENT_CLIENTS } from "../../src/setup/agents/entries.ts";
import { examplesOf, runExample } from "./page.ts";

const PAGE = join(import.meta.dirname, "../../docs/agents.md");

const FILES = {
  ".claude/settings.json":
    '{\n  // agreed on in May\n  "permissions": { "allow": ["Bash(npm test)"] }, // and no more\n}\n',
  "README.md": "# Project\n",
};

test.each(examplesOf(PAGE))("[ASP-28] $title: the page shows what its commands print", ({ part }) =>
  runExample(PAGE, part, FILES),
);

test("[ASP-28] the page names every file that is written for every client", () => {
  const text = readFileSync(PAGE, "utf8");
  for (const [name, { files }] of Object.entries(AGENT_CLIENTS))
    for (const { path } of files) {
      const row = text.split("\n").find((line) => line.startsWith("|") && line.includes(`(\`${name}\`)`));
      expect(row, name).toContain(`\`${path}\``);
    }
});
