import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { runShell } from "../cli/run-berth.ts";
import { program } from "../support/sandbox.ts";
import { team } from "../support/session.ts";

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
  return (
    text
      // Set anew where a second has passed since.
      .replaceAll("last_updated, ", "")
      .replaceAll(/sha256:[0-9a-f]{64}/g, "sha256:3f7a…")
      .replaceAll(/archive\/consolidated-[0-9a-f]{16}/g, "archive/consolidated-5b0c…")
      .replaceAll(/saves\/[0-9a-f]{64}/g, "saves/9c41…")
      .replaceAll(/\b(tickets|central|sessions)-[0-9a-f]{12}\b/g, "$1-9606b552b763")
      .replaceAll(/\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)Z/g, "2026-11-21T10:00:00Z")
      .replaceAll(/\b\d\d:\d\d:\d\d\b/g, "10:00:00")
      // The day begins the id of a session.
      .replaceAll(/\b\d{4}-\d\d-\d\d-(?=[a-z])/g, "2026-11-21-")
      .replaceAll(/\b(?:just now|\d+(?:\.\d+)? s ago)/g, "just now")
      .replaceAll(/ledger [0-9a-f]{10}/g, "ledger 7d1e02c9ab")
      .replaceAll(/[^\S\n]+$/gm, "")
  );
}

/** Columns are as wide as what stands in them, which may be "1 s ago". */
function loose(text: string): string {
  return settled(text).replaceAll(/ {2,}/g, "  ");
}

/** Runs the commands of one example in one shell; what each of them printed. */
async function transcripts(blocks: readonly Block[], files: Readonly<Record<string, string>>): Promise<string[]> {
  const { home } = await team({ remote: false, files });
  const berth = `berth() { ${program.map((word) => `'${word}'`).join(" ")} "$@"; }`;
  const script = blocks.flatMap(({ commands }, block) =>
    commands.flatMap((command) => [`echo '@@${block} ${Buffer.from(command).toString("base64")}'`, command]),
  );
  const run = await runShell(`exec 2>&1\n${berth}\n${script.join("\n")}`, [], { cwd: home });
  const said = run.stdout.split(/^@@(?=\d)/m).slice(1);
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

/** The sections of a page that have worked examples, with their titles. */
export function examplesOf(file: string): { readonly title: string; readonly part: string }[] {
  return readFileSync(file, "utf8")
    .split(/^(?=## )/m)
    .filter((part) => part.includes("```console"))
    .map((part) => ({ title: part.slice(3, part.indexOf("\n")), part }));
}

/** Runs one example in a repository of its own, and compares what its commands print; UPDATE=1 writes it. */
export async function runExample(file: string, part: string, files: Readonly<Record<string, string>>): Promise<void> {
  const blocks = blocksOf(part);
  const made = await transcripts(blocks, files);
  if (process.env["UPDATE"] === "1") {
    let text = readFileSync(file, "utf8");
    for (const [at, block] of blocks.entries()) text = text.replace(block.text, () => settled(made[at] ?? ""));
    writeFileSync(file, text);
  }
  for (const [at, block] of blocks.entries())
    if (process.env["UPDATE"] !== "1") expect(loose(made[at] ?? "")).toBe(loose(block.text));
}
