import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runShell } from "../cli/run-berth.ts";
import { sandbox } from "../support/sandbox.ts";
import { checkout, linkPackages, plant } from "./plant.ts";

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as Manifest;
const windows = process.platform === "win32";

describe("the published package", () => {
  let packed: string[];
  let project: string;

  beforeAll(() => {
    const copy = copyOfCheckout();
    execFileSync("npm", ["run", "build"], { cwd: copy, shell: windows, stdio: "pipe" });
    execFileSync("npm", ["pack", "--offline"], { cwd: copy, shell: windows, stdio: "pipe" });
    project = installed(join(copy, `berth-${manifest.version}.tgz`));
    packed = readdirSync(join(project, "node_modules/berth"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(project, "node_modules/berth/").length))
      .map((path) => path.replaceAll("\\", "/"));
  }, 60_000);

  test("holds the build, the entry and its papers, and nothing of development", () => {
    expect(packed).toEqual(expect.arrayContaining(["bin/berth.js", "dist/index.js", "dist/index.d.ts", "LICENSE"]));
    const [roots, stray] = [/^(?:dist|bin|assets)\//, /^(?:package\.json|LICENSE|README\.md|CHANGELOG\.md)$/];
    expect(packed.filter((path) => !roots.test(path) && !stray.test(path))).toEqual([]);
    expect(packed.filter((path) => /node-linux|node-win|\.test\.|requirements\.yaml/.test(path))).toEqual([]);
    expect(packed.filter((path) => path.startsWith("dist/") && !/\.(?:js|d\.ts)$|LICENSES\.md$/.test(path))).toEqual(
      [],
    );
  });

  test("runs no script when it is installed", () => {
    const { scripts } = JSON.parse(readFileSync(join(project, "node_modules/berth/package.json"), "utf8")) as {
      scripts: Readonly<Record<string, string>>;
    };
    expect(Object.keys(scripts).filter((name) => /^(?:pre|post)?install$|^prepare$/.test(name))).toEqual([]);
  });

  test("starts in an empty project", () => {
    const entry = join(project, "node_modules/berth/bin/berth.js");
    const version = execFileSync(process.execPath, [entry, "--version"], { cwd: project, encoding: "utf8" });
    expect(version).toContain(manifest.version);
  });

  test("brings a session from draft to completed, with its own templates and parsers", async () => {
    const entry = join(project, "node_modules/berth/bin/berth.js");
    const box = sandbox();
    const cwd = box.clone("clone");
    const berth = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runShell('"$@"', [process.execPath, entry, ...args], { cwd });
      expect(code, stderr).toBe(0);
      return stdout;
    };
    await berth("init", "--yes");
    await berth("draft", "Packed", "--id", "2026-01-01-packed", "--context", "Needed", "--criterion", "Works");
    await berth("ready", "2026-01-01-packed");
    await berth("claim", "2026-01-01-packed");
    await berth("complete", "2026-01-01-packed", "--commit", "--tick", "all");
    expect(await berth("list", "--state", "completed")).toContain("2026-01-01-packed");
  });

  test("needs no other package, and holds the licence of each that is inside", () => {
    expect(manifest.dependencies ?? {}).toEqual({});
    const licences = readFileSync(join(project, "node_modules/berth/dist/THIRD-PARTY-LICENSES.md"), "utf8");
    for (const name of ["yaml", "zod", "nunjucks", "@clack/prompts", "postgres"])
      expect(licences).toContain(`## ${name} `);
  });

  test.each(["berth", "berth/session-state"])("is imported as %s, and all it exports is named", (entry) => {
    const { types } = manifest.exports[entry.replace("berth", ".")] as { types: string };
    expect(existsSync(join(project, "node_modules/berth", types))).toBe(true);
    const script = `import * as berth from "${entry}"; console.log(JSON.stringify(Object.keys(berth)));`;
    const out = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: project,
      encoding: "utf8",
    });
    const names = JSON.parse(out) as string[];
    expect(names).not.toEqual([]);
    expect(names).not.toContain("default");
  });
});

/** The files git knows or would know: what a fresh clone has, with today's edits. */
function copyOfCheckout(): string {
  const copy = plant({});
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: checkout,
    encoding: "utf8",
  });
  for (const path of listed.split("\0").filter((name) => name !== "" && existsSync(join(checkout, name)))) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(checkout, path), join(copy, path));
  }
  linkPackages(copy);
  return copy;
}

/** An empty project with the tarball unpacked where npm would put it. */
function installed(tarball: string): string {
  const project = plant({ "package.json": `{"private":true,"type":"module"}` });
  const modules = join(project, "node_modules");
  mkdirSync(modules);
  execFileSync("tar", ["-xzf", tarball, "-C", modules]);
  renameSync(join(modules, "package"), join(modules, "berth"));
  return project;
}
