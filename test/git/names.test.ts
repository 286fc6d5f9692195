import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { branchName, branchRef, oid, refName, zeroOid } from "../../src/git/names.ts";

const part = fc.oneof(
  fc.string({ maxLength: 8, unit: "binary" }),
  fc.constantFrom(
    "a",
    "@",
    "@{",
    "..",
    ".lock",
    "a.lock",
    "-x",
    ".a",
    "a.",
    "~",
    "^",
    ":",
    "?",
    "*",
    "[",
    "\\",
    " ",
    "\u202e",
    "ä",
    "\0",
    "\n",
  ),
);

test("[INV-8] every reference name that is accepted is one that git accepts, and leads nowhere else", () => {
  const accepted: string[] = [];
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const text = `refs/heads/${parts.join("/")}`;
      try {
        accepted.push(refName(text));
      } catch (error) {
        expect(error).toMatchObject({ code: "INVALID" });
      }
    }),
    { numRuns: 600 },
  );
  for (const text of accepted) {
    expect(text).not.toMatch(/(?:^|\/)\.|(?:^|\/)-|[\p{Cc}\p{Cf}]/u);
    expect(spawnSync("git", ["check-ref-format", text]).status, JSON.stringify(text)).toBe(0);
  }
}, 60_000);

test("[INV-8] a name that git refuses, or that would be an option or a path, is refused with the name", () => {
  const bad = [
    "",
    "-d",
    "a..b",
    "a b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    "a/",
    "/a",
    "a//b",
    ".a",
    "a.lock",
    "a.",
    "@{u}",
    "a\u202eb",
    "a\0",
    "x".repeat(300),
  ];
  for (const text of bad) expect(() => branchRef(text), text).toThrow(/Not a usable reference name/);
  for (const text of ["main", "session/2025-10-14-x", "ä/ö", "a@b", "release-1.2"]) expect(branchName(text)).toBe(text);
  expect(() => refName("heads/main")).toThrow(/Not a usable/);
});

test("[INV-8] object names are whole: 40 or 64 hexadecimal digits in lower case", () => {
  for (const text of [
    "",
    "HEAD",
    "abc123",
    "g".repeat(40),
    "A".repeat(40),
    `${"a".repeat(40)}\n`,
    "a".repeat(41),
    `${"a".repeat(40)}^`,
  ]) {
    expect(() => oid(text), text).toThrow(/Not a full object name/);
  }
  expect(zeroOid(oid("a".repeat(64)))).toBe("0".repeat(64));
});
