import { join } from "node:path";
import { expect, test } from "vitest";
import { examplesOf, runExample } from "./page.ts";

const PAGE = join(import.meta.dirname, "../../docs/multi-session.md");

const FILES = {
  "src/components/Auth.tsx": "export function Auth() {\n  return null;\n}\n",
  "src/api/auth.py": "def login(user):\n    return check(user)\n",
  "src/utils/helpers.py":
    "def first():\n    return 1\n\n\ndef middle():\n    return 2\n\n\ndef last():\n    return 3\n",
};

test.each(examplesOf(PAGE))("[XCS-20] $title: the page shows what its commands print", ({ part }) =>
  runExample(PAGE, part, FILES),
);

test("[XCS-20] the guide has the three worked examples", () => {
  expect(examplesOf(PAGE)).toHaveLength(3);
});
