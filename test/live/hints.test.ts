import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runBerth, runShell } from "../cli/run-berth.ts";
import { program } from "../support/sandbox.ts";
import { refusal, team } from "../support/session.ts";

test.for([
  ["x;touch pwned;echo", '"$(touch pwned) `touch pwned`"'],
  ["-y", "-k"],
] as const)(
  "[INV-9] %s stays a word in every suggested command, and the command works when it is typed",
  async ([evil, key]) => {
    const { box, home, berth } = await team({ remote: false });
    const other = await box.open(home, evil);
    await berth.sharedSet({ path: key, value: 1 });
    await berth.sharedSet({ path: key, value: 2 });
    await other.sharedSet({ path: key, value: 3, base: 1 });
    await other.lock({ paths: ["src/a.txt"] });
    const unknown = await refusal(berth.leave({ id: evil }), "NOT_FOUND");
    await other.register({ id: evil });
    const held = await refusal(berth.lock({ paths: ["src/a.txt"] }), "LOCK_HELD");
    const [need] = (await berth.status({})).needsYou;
    const commands = [unknown, held].map(
      ({ hint }) => /berth (?:tell|agent register) .*?(?=$|; see)/.exec(hint ?? "")?.[0],
    );
    const typed = [need?.next, ...commands].map((command) => command ?? "false");
    const run = await runShell(
      `berth() { ${program.map((word) => `'${word}'`).join(" ")} "$@"; }\n${typed.join(" && ")}`,
      [],
      { cwd: home },
    );
    expect(run.code, run.stderr).toBe(0);
    expect((await berth.status({})).conflicts).toEqual([]);
    expect((await other.inbox({})).messages.map(({ kind }) => kind)).toContain("message");
    expect(existsSync(join(home, "pwned"))).toBe(false);
  },
);

test("[XCS-12] an address of the store that is none is refused, and no store is made for it", async () => {
  const { box, home } = await team({ remote: false });
  const berth = await box.open(home, "one", { env: { ...process.env, BERTH_DATABASE_URL: "postgre://db/x" } });
  await refusal(berth.lock({ paths: ["src/a.txt"] }), "INVALID");
  expect(existsSync(join(home, "postgre:"))).toBe(false);
});

test("[XCS-12] status stays one screen: of long lists it shows the beginning, and where the rest is", async () => {
  const { home, berth } = await team({ remote: false });
  for (let n = 0; n < 30; n++) {
    await berth.addTask({ title: `task ${n}` });
    await berth.lock({ paths: [`src/${n}.txt`] });
  }
  const { stdout } = await runBerth(["status"], { cwd: home });
  expect(stdout).toContain("… and 18 more: berth task list");
  expect(stdout).toContain("… and 18 more: berth status --json");
  expect(stdout.split("\n").length).toBeLessThan(40);
});
