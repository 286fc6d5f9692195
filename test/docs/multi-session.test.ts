import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runShell } from "../cli/run-berth.ts";
import { program } from "../support/sandbox.ts";
import { team } from "../support/session.ts";

const FILE = join(import.meta.dirname, "../../docs/multi-session.md");

const FILES = {
  "src/components/Auth.tsx": "export function Auth() {\n  return null;\n}\n",
  "src/api/auth.py": "def login(user):\n    return check(user)\n",
  "src/utils/helpers.py":
    "def first():\n    return 1\n\n\ndef middle():\n    return 2\n\n\ndef last():\n    return 3\n",
};

interface Block {
  readonly commands: readonly string[];
  readonly text: string;
}

/** The transcripts of one part of the page. */
function blocksOf(part: string): Block[] {
  return [...part.matchAll(/^```console\n(.*?)^```$/gms)].map(([, text = ""]) => ({
    text,
    commands: [...text.matchAll(/^\$ (.*)$/gm)].map(([, command = ""]) => command),
  }));
}

/** What differs from run to run, in one form. */
function settled(text: string): string {
  return text
    .replaceAll(/sha256:[0-9a-f]{64}/g, "sha256:3f7a…")
    .replaceAll(/saves\/[0-9a-f]{64}/g, "saves/9c41…")
    .replaceAll(/\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)Z/g, "2026-11-21T10:00:00Z")
    .replaceAll(/\b\d\d:\d\d:\d\d\b/g, "10:00:00")
    .replaceAll(/\b(?:just now|\d+(?:\.\d+)? s ago)/g, "just now")
    .replaceAll(/ledger [0-9a-f]{10}/g, "ledger 7d1e02c9ab")
    .replaceAll(/[^\S\n]+$/gm, "");
}

/** Columns are as wide as what stands in them, which may be "1 s ago". */
function loose(text: string): string {
  return settled(text).replaceAll(/ {2,}/g, "  ");
}

/** Runs the commands of one example in one shell; what each of them printed. */
async function transcripts(blocks: readonly Block[]): Promise<string[]> {
  const { home } = await team({ remote: false, files: FILES });
  const berth = `berth() { ${program.map((word) => `'${word}'`).join(" ")} "$@"; }`;
  const script = blocks.flatMap(({ commands }, block) =>
    commands.flatMap((command) => [`echo '@@${block} ${Buffer.from(command).toString("base64")}'`, command]),
  );
  const run = await runShell(`exec 2>&1\n${berth}\n${script.join("\n")}`, [], { cwd: home });
  const said = run.stdout.split(/^@@/m).slice(1);
  return blocks.map((_, block) =>
    said
      .filter((part) => part.startsWith(`${block} `))
      .map((part) => {
        const [head = "", ...lines] = part.split("\n");
        return `$ ${Buffer.from(head.slice(head.indexOf(" ") + 1), "base64").toString()}\n${lines.join("\n")}`;
      })
      .join(""),
  );
}

const page = readFileSync(FILE, "utf8");
const examples = page.split(/^(?=## )/m).filter((part) => part.includes("```console"));

test.each(examples.map((part) => ({ title: part.slice(3, part.indexOf("\n")), part })))(
  "[XCS-20] $title: the page shows what its commands print; UPDATE=1 writes it",
  async ({ part }) => {
    const blocks = blocksOf(part);
    const made = await transcripts(blocks);
    if (process.env["UPDATE"] === "1") {
      let text = readFileSync(FILE, "utf8");
      for (const [at, block] of blocks.entries()) text = text.replace(block.text, () => settled(made[at] ?? ""));
      writeFileSync(FILE, text);
    }
    for (const [at, block] of blocks.entries())
      if (process.env["UPDATE"] !== "1") expect(loose(made[at] ?? "")).toBe(loose(block.text));
  },
);

test("[XCS-20] the guide has the three worked examples", () => {
  expect(examples).toHaveLength(3);
});
