import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { cleanEnvironment, runBerth } from "../cli/run-berth.ts";
import { lines, program } from "../support/sandbox.ts";
import { team, working } from "../support/session.ts";
import { scene } from "./scene.ts";

const edited = (line: number, who: string): string => lines(20).replace(`line ${line}\n`, `line of ${who}\n`);

test("[CFL-05] the matrix names sessions, agents, files and lines; conflicts end with exit code 4", async () => {
  const { box, home, alpha, beta } = await scene();
  const clean = await runBerth(["conflicts"], { cwd: home });
  expect(clean).toMatchObject({ code: 0 });
  expect(clean.stdout).toContain("No conflicts among 2 active sessions, 3 pairs.");
  box.write(alpha.dir, { "src/a.txt": edited(3, "alpha") });
  box.write(beta.dir, { "src/a.txt": edited(3, "beta") });
  const found = await runBerth(["conflicts"], { cwd: home, env: { COLUMNS: "120" } });
  expect(found.code).toBe(4);
  expect(found.stdout.replaceAll(alpha.id, "ALPHA").replaceAll(beta.id, "BETA")).toMatchInlineSnapshot(`
    "1 conflict among 2 active sessions, 3 pairs.

    #  1  2  main  SESSION           AGENT      SEEN IN
    1  -  1     ·  ALPHA  agent one  workspace, 1 uncommitted
    2  1  -     ·  BETA   agent two  workspace, 1 uncommitted

    ALPHA (agent one) and BETA (agent two)
      src/a.txt (content)
        line 3 and line 3
          < line of alpha
          > line of beta
    "
  `);
  const quiet = await runBerth(["conflicts", "--quiet"], { cwd: home });
  expect(quiet).toMatchObject({ code: 4, stdout: `${alpha.id} ${beta.id} src/a.txt\n` });
  const json = JSON.parse((await runBerth(["conflicts", alpha.id, "--json"], { cwd: home })).stdout) as object;
  expect(json).toMatchObject({
    schemaVersion: 1,
    base: { name: "main" },
    sessions: [{ id: alpha.id, agent: "agent one", seen: "workspace", uncommitted: 1 }, { id: beta.id }],
    pairs: [{ a: alpha.id, b: beta.id, against: "session", files: ["src/a.txt"], hunks: 1 }],
    compared: { pairs: 2, merged: 0 },
  });
  const status = await runBerth(["status"], { cwd: home });
  expect(status.stdout).toContain(`src/a.txt (content): ${alpha.id} and ${beta.id}`);
  expect((await runBerth(["conflicts", "nobody"], { cwd: home })).code).toBe(3);
});

test("[CFL-05] watch prints a line for each pair that conflicts newly or no more", async () => {
  const { box, home, alpha, beta } = await scene();
  const [file = "", ...args] = program;
  const child = spawn(file, [...args, "conflicts", "--watch", "--json"], { cwd: home, env: cleanEnvironment() });
  onTestFinished(() => void child.kill("SIGKILL"));
  const printed: { kind: string; a: string; b: string; files: string[] }[] = [];
  createInterface(child.stdout).on("line", (line) => printed.push(JSON.parse(line) as (typeof printed)[number]));
  box.write(alpha.dir, { "src/a.txt": edited(3, "alpha") });
  box.write(beta.dir, { "src/a.txt": edited(3, "beta") });
  const pair = { a: alpha.id, b: beta.id, files: ["src/a.txt"] };
  await expect.poll(() => printed).toMatchObject([{ kind: "conflict.predicted", ...pair }]);
  box.write(beta.dir, { "src/a.txt": edited(15, "beta") });
  await expect.poll(() => printed.slice(1)).toMatchObject([{ kind: "conflict.gone", ...pair }]);
  const ended = new Promise((resolve) => child.on("close", resolve));
  child.kill("SIGINT");
  expect(await ended).toBe(130);
});

test("[CFL-05] without sessions, without commits on the base branch, and without a ledger it says what is", async () => {
  const { box, home, berth } = await team({ remote: false });
  expect((await runBerth(["conflicts"], { cwd: home })).stdout).toBe("No session is active.\n");
  const { id } = await working(berth, "Alone");
  expect(await berth.conflicts({})).toMatchObject({ sessions: [{ id }], pairs: [], compared: { pairs: 1 } });
  box.git(box.dir, "init", "--quiet", "-b", "main", "bare-new");
  expect((await runBerth(["conflicts"], { cwd: `${box.dir}/bare-new` })).stderr).toContain("berth init");
});
