import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { Berth } from "../../src/open.ts";
import { CENTRAL, CENTRAL_FILE as FILE } from "../support/contexts.ts";
import { refusal, team } from "../support/session.ts";

/** Whoever reads the context refuses it for this reason, and it is found to be wrong. */
async function refused(berth: Berth, why: string): Promise<void> {
  for (const work of [
    () => berth.contextShow({}),
    () => berth.contextSet({ key: "mode", value: "scope" }),
    () => berth.contextRepair({}),
  ]) {
    const error = await refusal(work(), "INVALID");
    expect(error.message).toContain(`${FILE} ${why}`);
    expect(error.hint).not.toContain("berth lock");
  }
  // The page for the next one tells, and what git knows.
  expect((await berth.contextHandoff({})).problems).toEqual([expect.stringContaining(why) as string]);
  for (const files of [[], [FILE]]) {
    const judged = (await berth.contextValidate({ files })).files;
    expect(judged).toMatchObject([{ file: FILE, valid: false, problems: [{ line: 1, column: 1 }] }]);
    expect(judged[0]?.problems[0]?.message).toContain(why);
  }
}

test("[CTX-11] [INV-8] a folder or a link in the place of a context is wrong there, and no link is followed", async () => {
  const { box, home, berth } = await team({ remote: false });
  const file = join(home, FILE);
  mkdirSync(file, { recursive: true });
  await refused(berth, "is a folder");
  rmSync(file, { recursive: true });
  const secret = join(box.dir, "secret");
  writeFileSync(secret, CENTRAL);
  symlinkSync(secret, file);
  await refused(berth, "is a link");
  // Nor one above it.
  rmSync(dirname(file), { recursive: true });
  mkdirSync(join(box.dir, "elsewhere"));
  writeFileSync(join(box.dir, "elsewhere", "ACTIVE_SESSION.md"), CENTRAL);
  symlinkSync(join(box.dir, "elsewhere"), dirname(file));
  expect((await refusal(berth.contextShow({}), "INVALID")).message).toContain("leads out of the workspace");
});

test.skipIf(process.platform === "win32")(
  "[CTX-11] a pipe in the place of a context is refused, not waited for",
  async () => {
    const { home, berth } = await team({ remote: false });
    mkdirSync(dirname(join(home, FILE)), { recursive: true });
    execFileSync("mkfifo", [join(home, FILE)]);
    await refused(berth, "is no file");
  },
);

test("[CTX-11] [CTX-12] bytes that are no text are found, and whoever changes the context is told of repair", async () => {
  const { box, home, berth } = await team({ remote: false });
  box.write(home, { [FILE]: CENTRAL });
  box.git(home, "add", FILE);
  const bytes = Buffer.concat([Buffer.from(CENTRAL), Buffer.from([0xff])]);
  writeFileSync(join(home, FILE), bytes);
  const error = await refusal(berth.contextSet({ key: "mode", value: "scope" }), "INVALID");
  expect(error.message).toBe(`${FILE} is no UTF-8 text.`);
  expect(error.hint).toContain("berth context repair");
  expect((await berth.contextValidate({})).files).toMatchObject([{ valid: false }]);
  expect(readFileSync(join(home, FILE))).toEqual(bytes);
  expect(await berth.contextRepair({})).toMatchObject({ from: "index" });
});
