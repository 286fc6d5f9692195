import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lockPath } from "../../src/coordination/lock/lock-path.ts";
import { matches, overlaps } from "../../src/coordination/lock/path-overlap.ts";
import { ignoresCase } from "../../src/coordination/lock/real-path.ts";
import { sandbox } from "../support/sandbox.ts";
import { checkout, lock } from "./checkout.ts";

const NFC = "caf\u00e9";
const NFD = "cafe\u0301";

const tree = {
  "src/a.ts": "a",
  "src/deep/b.ts": "b",
  [`${NFD}/menu.md`]: "in the other form",
  "app/[id]/page.tsx": "brackets",
  "odd/{a,b}.md": "braces",
  "odd/*.md": "a star",
  "empty/": null,
  "to-src": "-> src",
  "to-a.ts": "-> src/a.ts",
  "to-to-src": "-> to-src",
  absolute: "-> TOP/src",
  "src/up": "-> ..",
  "dangling.ts": "-> src/deep/later.ts",
  "dangling-folder": "-> nowhere/yet",
  outside: "-> ../elsewhere",
  "outside-missing": "-> /nowhere/at/all",
  "circle-1": "-> circle-2",
  "circle-2": "-> circle-1",
  "to-git": "-> .git",
};

describe("[XCS-06] every way of naming a thing comes to one lock path", () => {
  const cases: readonly [string, kind: string, given: readonly (string | [string, cwd: string])[]][] = [
    [
      "src/a.ts",
      "file",
      [
        "src/a.ts",
        "./src/a.ts",
        "src/../src/a.ts",
        "src//a.ts",
        "src/./a.ts",
        "src/a.ts/",
        "TOP/src/a.ts",
        "TOP/../repo//src/a.ts",
        ["a.ts", "src"],
        ["../a.ts", "src/deep"],
        ["../../repo/src/a.ts", "src"],
        "to-a.ts",
        "to-src/a.ts",
        "to-to-src/a.ts",
        "absolute/a.ts",
        "src/up/src/a.ts",
        // Through a link `..` is the folder above the target, as for every program that opens it.
        "src/up/to-src/deep/../a.ts",
        ["a.ts", "to-src"],
        "missing/../src/a.ts",
        "literal:src/a.ts",
        "{src,to-src}/a.ts",
        "{src/a.ts,}",
      ],
    ],
    ["src", "folder", ["src", "src/", "src/.", "src/deep/..", "to-src", "to-src/", "TOP/src", [".", "src"], "{src,}"]],
    ["empty", "folder", ["empty", "./empty/"]],
    ["src/new/x.ts", "file", ["src/new/x.ts", "to-src/new/x.ts", ["new/x.ts", "src"], "absolute/new/../new/x.ts"]],
    ["src/new", "folder", ["src/new/", "to-src/new//", "src/new/."]],
    ["src/deep/later.ts", "file", ["dangling.ts", "src/deep/later.ts"]],
    ["nowhere/yet/x", "file", ["dangling-folder/x", "nowhere/yet/x"]],
    [`${NFC}/menu.md`, "file", [`${NFC}/menu.md`, `${NFD}/menu.md`, [`menu.md`, NFD]]],
    [NFC, "folder", [NFC, NFD]],
    [`${NFC}.txt`, "file", [`${NFC}.txt`, `${NFD}.txt`]],
    ["**", "glob", [".", "./", "TOP", "src/..", "src/up", "**", "./**", "{**,**}", "literal:."]],
    [
      "src/*.ts",
      "glob",
      ["src/*.ts", "to-src/*.ts", "./src//*.ts", ["*.ts", "src"], "TOP/src/*.ts", "src/up/src/***.ts"],
    ],
    ["src/**", "glob", ["src/**", "to-src/**", "src/**/", ["**", "src"], "src/./**/."]],
    ["src/d*/**", "glob", ["src/d*/", "to-src/d*/**"]],
    ["src/{a.ts,b.ts}", "glob", ["src/{b,a}.ts", "{src,to-src}/{a,b,a}.ts", "src/{a,{b,a}}.ts"]],
    ["{docs,src/**}", "glob", ["{src,docs}", "{docs,to-src/}"]],
    ["app/[id]/page.tsx", "file", ["app/[id]/page.tsx", "app/[[]id]/page.tsx", "literal:app/[id]/page.tsx"]],
    ["app/[[]id]/*.tsx", "glob", ["app/[id]/*.tsx", ["*.tsx", "app/[id]"]]],
    ["app/[slug]/*.tsx", "glob", ["app/[slug]/*.tsx"]],
    ["odd/{a,b}.md", "file", ["odd/{a,b}.md", "literal:odd/{a,b}.md"]],
    ["odd/*.md", "glob", ["odd/*.md"]],
    ["odd/*.md", "file", ["literal:odd/*.md", "odd/[*].md"]],
    ["?,", "glob", ["{,}?,"]],
    ["{{name}}.md", "file", ["{{name}}.md"]],
    ["back\\slash", "file", ["back\\slash"]],
  ];
  for (const [path, kind, given] of cases) {
    test(`${kind} ${path}`, async () => {
      const box = checkout(tree);
      for (const one of given) {
        const [text, cwd] = typeof one === "string" ? [one, "."] : one;
        expect.soft({ text, ...(await box.name(text, { cwd })) }).toMatchObject({ text, path, key: path, kind });
      }
    });
  }
});

describe("[XCS-06] what no lock can be on is refused with the next step", () => {
  const cases: readonly [given: string, message: RegExp][] = [
    ["", /names nothing/],
    ["literal:", /names nothing/],
    ["{,}", /names nothing/],
    ["..", /leads out of the checkout/],
    ["../repository", /leads out of the checkout/],
    ["src/../../x", /leads out of the checkout/],
    ["/etc/passwd", /out of the checkout, to \/etc\/passwd/],
    ["/*", /leads out/],
    ["../*", /leads out/],
    ["{src,..}/x", /leads out/],
    ["outside", /out of the checkout, to .*\/elsewhere"?/],
    ["outside/x/*", /leads out/],
    ["outside-missing", /to \/nowhere\/at\/all/],
    ["circle-1", /circle/],
    ["circle-1/x", /circle/],
    [".git", /git's own folder/],
    ["src/../.git/config", /git's own folder/],
    ["to-git/HEAD", /git's own folder/],
    ["vendor/.git/HEAD", /git's own folder/],
    [".git/*", /git's own folder/],
    ["**/.git/config", /git's own folder/],
    ["{src,.git}/x", /git's own folder/],
    ["src/a\0b", /control character/],
    ["src/a\nb", /control character/],
    ["src/\u0085", /control character/],
    ["src/\ud800", /control character/],
    [`${"x/".repeat(2100)}x`, /longer than 4096/],
    ["src/*/../a.ts", /up behind a wildcard/],
    ["{1..3}.ts", /range in braces/],
    ["[[:alpha:]].ts", /named class/],
    ["{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", /too many patterns/],
    ["{a,b}".repeat(800), /too many patterns/],
    ["a*".repeat(129), /too much/],
    [`{${"a".repeat(2000)},b}{${"c".repeat(2000)},d}`, /too much/],
  ];
  for (const [given, message] of cases) {
    test(JSON.stringify(given.slice(0, 40)), async () => {
      const refusal = checkout(tree).name(given);
      await expect(refusal).rejects.toThrow(message);
      await expect(refusal).rejects.toMatchObject({ code: "INVALID", hint: expect.stringMatching(/^\S.*\.$/) });
    });
  }
});

test("[XCS-06] where case is ignored, names that such a file system takes for one are one", async () => {
  const box = checkout({ "src/App.ts": "", "Stra\u00dfe/x": "" });
  const same = [
    ["src/App.ts", "SRC/app.TS", "sRC//APP.ts", "TOP/Src/App.ts"],
    ["Stra\u00dfe/x", "STRASSE/X", "stra\u1e9ee/x", "stra\u017fse/x", "Stra\u00ad\u00dfe/x"],
    ["\u03a3\u03a3/new", "\u03c3\u03c2/NEW"],
    ["\ufb03", "FFI"],
    ["\u212aelvin", "kelvin"],
    ["\u01f0\u0323", "J\u0323\u030c"],
    [NFC.toUpperCase(), NFD],
  ];
  for (const [first = "", ...others] of same) {
    const one = await box.name(first, { ignoreCase: true });
    for (const other of others) {
      expect.soft(await box.name(other, { ignoreCase: true }), `${first} ${other}`).toMatchObject({ key: one.key });
    }
  }
  expect(await box.name("SRC", { ignoreCase: true })).toMatchObject({ kind: "folder", path: "src" });
  expect((await box.name("SRC/*.TS", { ignoreCase: true })).path).toBe("src/*.TS");
  for (const git of [".GIT/config", ".Git", ".g\u200cit/x", "src/*/.GIT"]) {
    await expect(box.name(git, { ignoreCase: true })).rejects.toMatchObject({ code: "INVALID" });
  }
  const [upper, lower] = [await box.name("SRC/APP.ts"), await box.name("src/App.ts")];
  expect(overlaps(upper, lower)).toBe(false);
  // A checkout that ignores case decides for both.
  expect(overlaps(upper, await box.name("src/app.ts", { ignoreCase: true }))).toBe(true);
});

test("[XCS-06] whether case is ignored is seen on the disk, whatever the settings say", async () => {
  const box = checkout({ "src/App.ts": "" });
  expect(await ignoresCase(box.top)).toBe(false);
  expect(await box.name("SRC/App.ts")).toMatchObject({ ignoreCase: false, key: "SRC/App.ts" });
  // What such a system shows: one entry under both names.
  const folding = checkout({ "src/App.ts": "" });
  rmSync(join(folding.top, ".git"), { recursive: true });
  writeFileSync(join(folding.top, ".git"), "gitdir: ../main/.git/worktrees/one\n");
  linkSync(join(folding.top, ".git"), join(folding.top, ".GIT"));
  expect(await ignoresCase(folding.top)).toBe(true);
  expect(await folding.name("SRC/app.ts")).toMatchObject({ kind: "file", path: "src/App.ts", key: "src/app.ts" });
});

test("[XCS-06] all checkouts of a repository have one lock path for a file, and none names another's", async () => {
  const box = sandbox();
  const main = box.clone("main");
  const other = box.clone("other");
  box.git(main, "worktree", "add", "--quiet", join(main, ".worktrees/one"), "-b", "one");
  box.git(main, "clone", "--quiet", box.hub, join(main, ".sessions/two"));
  const tops = [main, other, join(main, ".worktrees/one"), join(main, ".sessions/two")];
  const named = await Promise.all(tops.map((top) => lockPath({ top, cwd: join(top, "src") }, "a.txt")));
  expect(new Set(named.map(({ key }) => key))).toEqual(new Set(["src/a.txt"]));
  for (const given of [".worktrees/one/src/a.txt", ".sessions/two/src", join(main, ".worktrees/one", "*")]) {
    await expect(lockPath({ top: main, cwd: main }, given)).rejects.toThrow(/another checkout/);
  }
  await expect(lockPath({ top: other, cwd: other }, join(main, "src/a.txt"))).rejects.toThrow(/leads out/);
  // A submodule is part of the checkout.
  execFileSync("git", ["-c", "protocol.file.allow=always", "submodule", "add", "--quiet", box.hub, "lib"], {
    cwd: other,
    stdio: "ignore",
  });
  expect(await lockPath({ top: other, cwd: other }, "lib/src/a.txt")).toMatchObject({ path: "lib/src/a.txt" });
});

test("[XCS-06] a name locked before it exists meets the same name afterwards", async () => {
  const box = checkout({ "app/x": "" });
  const given = [
    "app/[slug]/page.tsx",
    "app/[slug]/*",
    "app/[user-id]/x",
    "app/{{name}}",
    "app/new/",
    "app/(group)/@slot",
  ];
  const before = await Promise.all(given.map((text) => box.name(text)));
  for (const folder of ["[slug]", "[user-id]", "new", "(group)"]) mkdirSync(join(box.top, "app", folder));
  for (const file of ["[slug]/page.tsx", "[user-id]/x", "{{name}}"]) writeFileSync(join(box.top, "app", file), "");
  for (const [i, text] of given.entries()) {
    const after = await box.name(text);
    expect.soft(before[i] && overlaps(before[i], after), text).toBe(true);
  }
});

test("[XCS-06] the canonical form of a pattern covers what was given, and is its own canonical form", async () => {
  const box = checkout();
  const piece = fc.constantFrom("a", "b", "*", "**", "?", "[", "]", "{", "}", ",", "!", "-", "/", "\u00e9", "e\u0301");
  const given = fc
    .array(piece, { minLength: 1, maxLength: 9 })
    .map((pieces) => pieces.join(""))
    .filter((text) => !/^\/|^\*\*$/.test(text));
  const names = ["a", "b", "ab", "ba", "[a]", "{a}", "a,b", "-", "!", "\u00e9", "", "]", "}"];
  const paths = names.flatMap((one) => names.map((two) => `${one}/${two}`.replace(/^\/|\/$/g, ""))).filter(Boolean);
  let globs = 0;
  await fc.assert(
    fc.asyncProperty(given, async (text) => {
      const named = await box.name(text).catch((error: unknown) => {
        expect(error).toMatchObject({ code: "INVALID" });
        return null;
      });
      if (named) expect(overlaps(named, named)).toBe(true);
      if (named?.kind !== "glob") return;
      globs++;
      expect(await box.name(named.path)).toEqual(named);
      // Slashes too many are all that a pattern may hold that no path has.
      if (/\/(?:[/,}]|$)|[{,]\//.test(text)) return;
      const raw = lock("glob", text.normalize("NFC"));
      for (const path of paths) expect(`${path} ${matches(named, path)}`).toBe(`${path} ${matches(raw, path)}`);
    }),
    { numRuns: 1500 },
  );
  expect(globs).toBeGreaterThan(300);
});
