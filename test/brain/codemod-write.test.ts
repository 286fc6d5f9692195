import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sourceFolder, sourcePaths, sourceText } from "../../src/brain/codemod/files.ts";
import { writeChanges } from "../../src/brain/codemod/write.ts";
import type { FileText } from "../../src/disk/text-file.ts";
import { OLD, planBeside } from "../support/old-session.ts";
import { type Sandbox, sandbox } from "../support/sandbox.ts";

const CALL = 'import { getSession } from "./session";\nexport const s = getSession("a");\n';
const DONE = 'import { getSession } from "berth/session-state";\nexport const s = getSession();\n';

/** Two callers, read and planned as the verb does it. */
async function planned(box: Sandbox, home: string): Promise<() => Promise<readonly { readonly path: string }[]>> {
  const { project } = await box.open(box.hub);
  const folder = await sourceFolder(home);
  const read = new Map<string, FileText>();
  for (const path of await sourcePaths(project, folder)) {
    const text = await sourceText(folder, path);
    if (!("why" in text)) read.set(path, text);
  }
  const texts = Object.fromEntries([...read].map(([path, { text }]) => [path, text ?? ""]));
  return () => writeChanges(project, folder, planBeside(texts).changes, read);
}

const FILES = { "src/session/index.ts": OLD, "src/a.ts": CALL, "src/b.ts": CALL };

test("[SIR-13] a file that somebody has written meanwhile is left to them; the others are written, with their rights", async () => {
  const box = sandbox({ remote: false, files: FILES });
  chmodSync(join(box.hub, "src/b.ts"), 0o755);
  const write = await planned(box, box.hub);
  box.write(box.hub, { "src/a.ts": `${CALL}// theirs\n` });
  expect((await write()).map(({ path }) => path)).toEqual(["src/a.ts"]);
  expect(readFileSync(join(box.hub, "src/a.ts"), "utf8")).toBe(`${CALL}// theirs\n`);
  expect(readFileSync(join(box.hub, "src/b.ts"), "utf8")).toBe(DONE);
  expect(statSync(join(box.hub, "src/b.ts")).mode & 0o777).toBe(0o755);
  rmSync(join(box.hub, "src/b.ts"));
  await (
    await planned(box, box.hub)
  )();
  expect(readFileSync(join(box.hub, "src/a.ts"), "utf8")).toBe(`${DONE}// theirs\n`);
  expect(existsSync(join(box.hub, "src/b.ts"))).toBe(false);
});

test("[SIR-13] nothing is written through a folder that became a link", async () => {
  const box = sandbox({ remote: false, files: FILES });
  const write = await planned(box, box.hub);
  renameSync(join(box.hub, "src"), join(box.dir, "moved"));
  symlinkSync(join(box.dir, "moved"), join(box.hub, "src"));
  await expect(write()).rejects.toMatchObject({ code: "INVALID" });
  expect(readFileSync(join(box.dir, "moved/a.ts"), "utf8")).toBe(CALL);
});

test("[SIR-13] a folder that is in no repository is looked through as well", async () => {
  const box = sandbox({ remote: false });
  const home = join(box.dir, "plain");
  mkdirSync(home);
  box.write(home, { ...FILES, "node_modules/x/a.ts": CALL });
  expect(await (await planned(box, home))()).toEqual([]);
  expect(readFileSync(join(home, "src/a.ts"), "utf8")).toBe(DONE);
  expect(readFileSync(join(home, "node_modules/x/a.ts"), "utf8")).toBe(CALL);
});
