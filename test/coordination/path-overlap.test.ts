import fc from "fast-check";
import { expect, test } from "vitest";
import { nameKey } from "../../src/coordination/lock/fold-name.ts";
import type { LockPath } from "../../src/coordination/lock/lock-path.ts";
import { covers, matches, overlaps } from "../../src/coordination/lock/path-overlap.ts";
import { lock } from "./checkout.ts";

const table: readonly [a: LockPath, b: LockPath, expected: boolean][] = [
  [lock("file", "src/a.ts"), lock("file", "src/a.ts"), true],
  [lock("file", "src/a.ts"), lock("file", "src/A.ts"), false],
  [lock("file", "src/a.ts"), lock("file", "src/A.ts", true), true],
  [lock("file", "src/a"), lock("file", "src/a/b"), true],
  [lock("folder", "src"), lock("file", "src/deep/a.ts"), true],
  [lock("folder", "src"), lock("file", "src"), true],
  [lock("folder", "src"), lock("file", "src2/a.ts"), false],
  [lock("folder", "src"), lock("folder", "src/deep"), true],
  [lock("folder", "src/a"), lock("folder", "src/b"), false],
  [lock("folder", "src/deep"), lock("glob", "src/*/*.ts"), true],
  [lock("folder", "src/deep"), lock("glob", "src/*"), true],
  [lock("folder", "src/deep"), lock("glob", "src/*.ts"), false],
  [lock("folder", "src/a*"), lock("file", "src/ab/c"), false],
  [lock("glob", "**"), lock("file", "x"), true],
  [lock("glob", "**"), lock("folder", "x"), true],
  [lock("glob", "src/**"), lock("file", "src/.env"), true],
  [lock("glob", "src/*"), lock("file", "src/.env"), true],
  [lock("glob", "src/*"), lock("file", "src/deep/a.ts"), false],
  [lock("glob", "src/**"), lock("file", "src"), true],
  [lock("glob", "**/*.ts"), lock("file", "a.ts"), true],
  [lock("glob", "**/*.ts"), lock("glob", "src/**/index.*"), true],
  [lock("glob", "**/*.ts"), lock("glob", "src/**/*.js"), false],
  [lock("glob", "src/*/a.ts"), lock("glob", "src/b/*.ts"), true],
  [lock("glob", "src/*/a.ts"), lock("glob", "src/b/c/**"), false],
  [lock("glob", "**/test/**"), lock("glob", "src/**"), true],
  [lock("glob", "a/**/b"), lock("file", "a/b"), true],
  [lock("glob", "a**b"), lock("file", "a/b"), false],
  [lock("glob", "[a-c]x"), lock("glob", "[c-d]?"), true],
  [lock("glob", "[a-c]x"), lock("glob", "[d-e]?"), false],
  [lock("glob", "[!a-c]x"), lock("glob", "[a-c]?"), false],
  [lock("glob", "[^a]"), lock("file", "b"), true],
  [lock("glob", "[]-]"), lock("file", "]"), true],
  [lock("glob", "[+-0]"), lock("file", "a/b"), false],
  [lock("glob", "a[+-0]b"), lock("file", "a/b"), false],
  [lock("glob", "app/[id]/*"), lock("file", "app/[id]/page.tsx"), true],
  [lock("glob", "app/[[]id]/*"), lock("file", "app/i/page.tsx"), false],
  [lock("glob", "{a,b}/*.md"), lock("glob", "{b,c}/x*"), true],
  [lock("glob", "{a,b}/*.md"), lock("glob", "{c,d}/x*"), false],
  [lock("glob", "x{,.bak}"), lock("file", "x.bak"), true],
  [lock("glob", "\u00e9?"), lock("file", "\u00e9\u{1f600}"), true],
  [lock("glob", "?"), lock("file", "\u00df"), true],
  [lock("glob", "?"), lock("file", "\u00df", true), true],
  [lock("glob", "?"), lock("file", "ss"), false],
  [lock("glob", "[A-Z]*.MD", true), lock("file", "readme.md"), true],
  [lock("glob", "[!A]", true), lock("file", "a"), false],
  [lock("glob", "[!A]"), lock("file", "a"), true],
];
for (const [a, b, expected] of table) {
  const title = `${a.kind} ${a.path} and ${b.kind} ${b.path}${a.ignoreCase || b.ignoreCase ? ", case ignored" : ""}`;
  test(`[XCS-06] ${title}: ${expected ? "overlap" : "apart"}`, () => {
    expect([overlaps(a, b), overlaps(b, a)]).toEqual([expected, expected]);
    if (a.kind !== "file" && b.kind === "file" && !b.ignoreCase) expect(matches(a, b.path)).toBe(expected);
  });
}

/** What the pieces of a pattern mean, said with another machine than the one under test. */
const atoms: Readonly<Record<string, string>> = {
  a: "a",
  b: "b",
  "?": "[^/]",
  "*": "[^/]*",
  "[ab]": "(?:[ab]|\\[ab\\])",
  "[!a]": "(?:[^a/]|\\[!a\\])",
  "[b-c]": "(?:[bc]|\\[b-c\\])",
};

/** Every sequence of up to `length` pieces. */
function sequences(pieces: readonly string[], length: number, between = ""): string[] {
  let last = [...pieces];
  const all = [...last];
  for (let i = 1; i < length; i++) {
    last = last.flatMap((start) => pieces.map((piece) => start + between + piece));
    all.push(...last);
  }
  return all;
}

const name = fc
  .array(fc.constantFrom(...Object.keys(atoms)), { minLength: 1, maxLength: 3 })
  .filter((pieces) => !pieces.join("").includes("**"))
  .map((pieces) => ({ pattern: pieces.join(""), regex: pieces.map((piece) => atoms[piece]).join("") }));
const names = [
  ...new Set([...sequences(["a", "b", "c"], 6), ...sequences(["a", "b", "c", "[ab]", "[!a]", "[b-c]"], 4)]),
];

/** Both directions: nothing in common is missed, and nothing is said to be in common that is not. */
function expectExact(a: Meant, b: Meant, candidates: readonly string[]): void {
  const said = overlaps(a.lock, b.lock);
  const witness = candidates.find((path) => a.holds(path) && b.holds(path));
  expect({ a: a.lock.path, b: b.lock.path, said, witness }).toEqual({
    a: a.lock.path,
    b: b.lock.path,
    said: witness !== undefined,
    witness,
  });
  expect(overlaps(b.lock, a.lock)).toBe(said);
}

interface Meant {
  readonly lock: LockPath;
  holds(path: string): boolean;
}

function meant(pattern: string, regex: string): Meant {
  const whole = new RegExp(`^(?:${regex})$`, "u");
  return { lock: lock("glob", pattern), holds: (path) => whole.test(path) };
}

test("[XCS-06] two patterns of one name overlap exactly when a name matches both", () => {
  fc.assert(
    fc.property(name, name, (a, b) => expectExact(meant(a.pattern, a.regex), meant(b.pattern, b.regex), names)),
    { numRuns: 1500 },
  );
});

/** Names of a pattern, each read with a slash behind it. */
const folders: Readonly<Record<string, string>> = {
  a: "a/",
  ab: "ab/",
  "a*": "a[^/]*/",
  "?": "[^/]/",
  "*": "[^/]+/",
  "**": "(?:[^/]+/)*",
};
const path = fc
  .array(fc.constantFrom(...Object.keys(folders)), { minLength: 1, maxLength: 4 })
  .map((pieces) => ({ pattern: pieces.join("/"), regex: pieces.map((piece) => folders[piece]).join("") }));
const paths = sequences(["a", "b", "ab"], 6, "/");

function meantFolders(alternatives: readonly { pattern: string; regex: string }[]): Meant {
  const patterns = alternatives.map(({ pattern }) => pattern);
  const whole = new RegExp(`^(?:${alternatives.map(({ regex }) => regex).join("|")})$`);
  return {
    lock: lock("glob", patterns.length === 1 ? (patterns[0] ?? "") : `{${patterns.join(",")}}`),
    holds: (path) => whole.test(`${path}/`),
  };
}

test("[XCS-06] two patterns of many names and braces overlap exactly when a path matches both", () => {
  const pattern = fc.array(path, { minLength: 1, maxLength: 2 }).map(meantFolders);
  fc.assert(
    fc.property(pattern, pattern, (a, b) => expectExact(a, b, paths)),
    { numRuns: 1500 },
  );
});

test("[XCS-06] a pattern overlaps a file or folder exactly when it matches it or something below", () => {
  const pattern = fc.array(path, { minLength: 1, maxLength: 2 }).map(meantFolders);
  fc.assert(
    fc.property(pattern, fc.constantFrom(...paths.slice(0, 12)), (glob, at) => {
      expect(matches(glob.lock, at)).toBe(glob.holds(at));
      const below = paths.some((path) => (path === at || path.startsWith(`${at}/`)) && glob.holds(path));
      for (const kind of ["file", "folder"] as const) {
        expect(overlaps(lock(kind, at), glob.lock)).toBe(below);
        for (const path of paths.slice(0, 120)) {
          const along = path === at || path.startsWith(`${at}/`) || at.startsWith(`${path}/`);
          expect(overlaps(lock(kind, at), lock("file", path))).toBe(along);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("[XCS-06] what is said to be covered is: no path of it lies outside", () => {
  const whole = (): readonly [LockPath, LockPath, boolean][] => [
    [lock("glob", "src/**"), lock("file", "src/a.ts"), true],
    [lock("glob", "src/**"), lock("glob", "src/ui/*.ts"), true],
    [lock("glob", "src/*.ts"), lock("file", "src/a.ts"), true],
    [lock("folder", "src"), lock("glob", "src/**"), true],
    [lock("folder", "src"), lock("folder", "src/ui"), true],
    [lock("glob", "**"), lock("glob", "*.ts"), true],
    [lock("file", "src/a.ts"), lock("folder", "src"), false],
    [lock("glob", "src/*"), lock("glob", "src/**"), false],
  ];
  expect(whole().map(([a, b]) => covers(a, b))).toEqual(whole().map(([, , is]) => is));
  const pattern = fc.array(path, { minLength: 1, maxLength: 2 }).map(meantFolders);
  const plain = fc
    .tuple(fc.constantFrom("file", "folder"), fc.constantFrom(...paths.slice(0, 12)))
    .map(([kind, at]) => ({
      lock: lock(kind as "file", at),
      holds: (path: string) => path === at || path.startsWith(`${at}/`),
    }));
  const any = fc.oneof(pattern, plain);
  fc.assert(
    fc.property(any, any, (a, b) => {
      if (!covers(a.lock, b.lock)) return;
      const exact = (one: Meant, path: string): boolean =>
        one.lock.kind === "file" ? one.lock.path === path : one.holds(path);
      expect(paths.find((path) => exact(b, path) && !a.holds(path))).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
});

test("[XCS-06] where case is ignored, patterns overlap exactly when names that are one match them", () => {
  const pieces: Record<string, string> = {
    d: "d",
    s: "s",
    S: "S",
    "\u00df": "\u00df",
    "?": ".",
    "*": ".*",
    "[C-D]": "(?:[C-D]|\\[C-D\\])",
    "[\u00df]": "(?:\u00df|\\[\u00df\\])",
  };
  const spelled = sequences(["d", "D", "s", "S", "\u00df"], 5).concat(
    sequences(["d", "s", "S", "\u00df", "[C-D]", "[c-d]", "[\u00df]", "[ss]"], 4),
  );
  // The one character that becomes three of these letters.
  const keyed = [...spelled, "\ufb03", "ffi"].map((text) => ({ text, key: nameKey(text, true) }));
  const name = fc
    .array(fc.constantFrom(...Object.keys(pieces)), { minLength: 1, maxLength: 3 })
    .filter((list) => !list.join("").includes("**"))
    .map((list) => {
      const regex = new RegExp(`^${list.map((piece) => pieces[piece]).join("")}$`, "u");
      const held = new Set(keyed.filter(({ text }) => regex.test(text)).map(({ key }) => key));
      return { lock: lock("glob", list.join(""), true), holds: (key: string) => held.has(key) };
    });
  const keys = [...new Set(keyed.map(({ key }) => key))];
  fc.assert(
    fc.property(name, name, (a, b) => expectExact(a, b, keys)),
    { numRuns: 600 },
  );
});

test("[XCS-06] the most hostile patterns that can be locked are judged within a second or two", () => {
  const patterns = [
    "?".repeat(128),
    "*a".repeat(128),
    "[!a]".repeat(128),
    `${"**/".repeat(127)}*`,
    "*[a-z]".repeat(64),
  ];
  for (const ignoreCase of [false, true]) {
    for (const a of patterns) {
      for (const b of [
        ...patterns,
        `${"a".repeat(3900)}*`,
        `{${Array.from({ length: 64 }, (_, i) => `a${i}*?`).join(",")}}`,
      ]) {
        const start = performance.now();
        overlaps(lock("glob", a, ignoreCase), lock("glob", `${b}b`, ignoreCase));
        expect.soft(performance.now() - start, `${a.slice(0, 9)} ${b.slice(0, 9)} ${ignoreCase}`).toBeLessThan(2000);
      }
    }
  }
});
