import { describe, expect, test } from "vitest";
import { parseFrontMatter, setFields } from "../../src/document/front-matter.ts";

const session = `---
# Session
last_updated: "2025-10-14T09:30:00Z"   # bumped
task:
    issue_number:   142
    status:  Ready    # of the board
    # shown in lists
    title: 'Train'
links: { parent:  12,  project:   { id: 3 } }
todos:
    # the reader
    - id: "1"
      content: Read
      status: pending   # by whom?

      priority: high
    # the writer

    - id: "2"
      content: >-
        Write
        it
      status: pending
    # the end
decisions:
- first # so
-   second

# why
- third
notes: |
    one
    two

    three
  # behind the notes
tags: [a,  b]
---
# Body
`;

function edited(from: string, to: string): string {
  expect(session).toContain(from);
  return session.replace(from, to);
}

function set(changes: Record<string, unknown>, text = session): string {
  const result = setFields(text, changes, "f");
  const { data } = parseFrontMatter(text, "f");
  const expected = Object.entries({ ...data, ...changes }).filter(([, value]) => value !== undefined);
  expect(parseFrontMatter(result, "f").data).toEqual(Object.fromEntries(expected));
  return result;
}

const { data } = parseFrontMatter(session, "f");
const task = data["task"] as Record<string, unknown>;
const todos = data["todos"] as Record<string, unknown>[];
const decisions = data["decisions"] as string[];

describe("[CTX-12] a change touches only its lines", () => {
  test("in a map: one field, a new field, one that goes", () => {
    expect(set({ task: { ...task, status: "In progress" } })).toBe(edited("Ready    #", "In progress    #"));
    expect(set({ task: { ...task, title: "It's" } })).toBe(edited("'Train'", "'It''s'"));
    expect(set({ task: { ...task, url: "https://e" } })).toBe(
      edited("title: 'Train'\n", "title: 'Train'\n    url: https://e\n"),
    );
    const { issue_number: _, ...others } = task;
    expect(set({ task: others })).toBe(edited("    issue_number:   142\n", ""));
    expect(set({ task: Object.fromEntries(Object.entries(task).toReversed()) })).toBe(session);
  });

  test("in a list of maps, whose items are known by their id", () => {
    const done = todos.map((todo) => (todo["id"] === "1" ? { ...todo, status: "completed" } : todo));
    expect(set({ todos: done })).toBe(edited("pending   # by whom?", "completed   # by whom?"));
    expect(set({ todos: [...todos, { id: "3", content: "c: d" }] })).toBe(
      edited(
        "      status: pending\n    # the end\n",
        `      status: pending\n    - id: "3"\n      content: "c: d"\n    # the end\n`,
      ),
    );
    expect(set({ todos: todos.slice(1) })).toBe(
      edited(
        `    # the reader\n    - id: "1"\n      content: Read\n      status: pending   # by whom?\n\n      priority: high\n`,
        "",
      ),
    );
    expect(set({ todos: todos.slice(0, 1) })).toBe(
      edited(`    - id: "2"\n      content: >-\n        Write\n        it\n      status: pending\n`, ""),
    );
    const [first = {}, second = {}] = todos;
    expect(set({ todos: [second, { ...first, status: "x" }] })).toContain(
      `todos:\n    - id: "2"\n      content: >-\n        Write\n        it\n      status: pending\n    # the reader\n    - id: "1"\n      content: Read\n      status: x   # by whom?\n\n      priority: high\n    # the writer\n\n    # the end\n`,
    );
  });

  test("in a list of texts, known by being equal, else by their place", () => {
    expect(set({ decisions: [...decisions, "fourth"] })).toBe(edited("- third\n", "- third\n- fourth\n"));
    expect(set({ decisions: ["zeroth", ...decisions] })).toBe(edited("- first", "- zeroth\n- first"));
    expect(set({ decisions: ["first", "2nd", "third"] })).toBe(edited("-   second", "-   2nd"));
    expect(set({ decisions: ["first", "second"] })).toBe(edited("# why\n- third\n", ""));
    expect(set({ decisions: ["first", "third"] })).toBe(edited("-   second\n", ""));
    expect(set({ decisions: ["third", "first", "second"] })).toBe(
      edited("- first # so\n-   second\n\n# why\n- third\n", "# why\n- third\n- first # so\n-   second\n\n"),
    );
    expect(set({ decisions: [] })).toBe(
      edited("decisions:\n- first # so\n-   second\n\n# why\n- third\n", "decisions: []\n"),
    );
  });

  test("in a list whose comments belong to what stands around it", () => {
    const text = "---\nl:\n  - a\n# further out\n  # of b\n  - b\n    # of b too\n  # of no item\n# of m\nm: 1\n---\n";
    expect(set({ l: ["a"] }, text)).toBe(text.replace("  # of b\n  - b\n    # of b too\n", ""));
    expect(set({ l: ["b"] }, text)).toBe(text.replace("  - a\n", ""));
    expect(set({ l: ["a", "b", "c"] }, text)).toBe(text.replace("# of b too\n", "# of b too\n  - c\n"));
    expect(set({ l: undefined }, text)).toContain("---\n# of m\nm: 1\n");
  });

  test("in brackets and braces values change in place", () => {
    expect(set({ links: { parent: 13, project: { id: [4, "a, b"] } } })).toBe(
      edited("parent:  12,  project:   { id: 3 }", 'parent:  13,  project:   { id: [ 4, "a, b" ] }'),
    );
    const numbers = "---\nm: { b: 1,  2: x, 1: y }\n---\n";
    expect(set({ m: { b: 1, 2: "x", 1: "z" } }, numbers)).toBe(numbers.replace("y", "z"));
    expect(set({ tags: ["a", "c"] })).toBe(edited("[a,  b]", "[a,  c]"));
    expect(set({ tags: ["a", "b", "c"] })).toBe(edited("[a,  b]", "[a, b, c]"));
    expect(set({ task: { ...task, tags: { x: 1 } } })).toContain("    title: 'Train'\n    tags:\n      x: 1\n");
  });

  test("in a text of several lines", () => {
    expect(set({ notes: "one\n2\n\nthree\nfour\n" })).toBe(
      edited("    two\n\n    three\n", "    2\n\n    three\n    four\n"),
    );
    expect(set({ notes: "one" })).toContain("\nnotes: one\n");
  });

  test("with the line ends and the byte-order mark of the document", () => {
    const windows = `\uFEFF${session.replaceAll("\n", "\r\n")}`;
    const changes = {
      task: { ...task, status: "x" },
      notes: "one\n2\n\nthree\n",
      todos: [...todos, { id: "3" }],
    };
    expect(set(changes, windows)).toBe(`\uFEFF${set(changes).replaceAll("\n", "\r\n")}`);
    expect(set({ tags: ["\u202E"] }, windows)).toContain('tags: ["\\u202e"]\r\n');
    const mixed = "---\r\na: 1\r\nb:\n  c: 2\n  d: 3\r\n---\nbody\n";
    expect(set({ b: { c: 4, d: 3 } }, mixed)).toBe(mixed.replace("2", "4"));
  });

  test("where a list or map begins behind a dash", () => {
    const text = "---\nl:\n  - a: 1\n    b: 2 # two\n  - - x # ex\n    - y\n---\n";
    expect(set({ l: [{ a: 1, b: 3 }, ["x", "y"]] }, text)).toBe(text.replace("2 #", "3 #"));
    expect(set({ l: [{ a: 1, b: 2 }, ["x", "z"]] }, text)).toBe(text.replace("y", "z"));
    expect(set({ l: [{ a: 1, b: 2 }, ["x", "y", "z"]] }, text)).toBe(text.replace("- y\n", "- y\n    - z\n"));
    set({ l: [{ b: 2 }, ["y"]] }, text);
  });
});

describe("[CTX-12] what hides in a document stays where it is", () => {
  test.each([
    ["a comment that is text", '---\na: "x\n  # y"\nb: 1\n---\n', { b: 2 }],
    ["a fence in a text", "---\na: |\n  ---\n  x\nb: 1\n---\nbody\n---\n", { a: "---\ny\n", b: 2 }],
    ["a text that looks like keys", "---\na: |\n  b: 1\n  - c\nb:\n  c: 1\n---\n", { b: { c: 2 } }],
    ["a text that keeps its blank lines", "---\nl:\n  - |+\n    x\n\n  - y\n---\n", { l: ["y", "x\n\n"] }],
    ["a line separator", "---\nl:\n    - a # \u2028    b\n    - c\n---\n", { l: ["a", { d: "\u2028e" }] }],
    ["a tab before a comment", "---\nm:\n  a: 1\t# x\n  b: 2\n---\n", { m: { a: "t\tu", b: 3 } }],
    ["an empty value", "---\nm:\n  a:\n  b: # c\n---\n", { m: { a: 1, b: [2] } }],
    ["a key without a space", '---\nm: {"a":1,b: }\n---\n', { m: { a: 2, b: 3 } }],
    ["a question mark", "---\nm:\n  ? a\n  : 1\n  b: 2\n---\n", { m: { a: { x: 1 }, b: 3 } }],
    ["numbers that are texts", "---\nm:\n  a: '1'\n  b: 1\n---\n", { m: { a: "2", b: "1" } }],
  ])("%s", (_, text, changes: Record<string, unknown>) => {
    set(changes, text);
    expect(setFields(set(changes, text), changes, "f")).toBe(set(changes, text));
    const same = parseFrontMatter(text, "f");
    expect(setFields(text, same.data, "f")).toBe(text);
  });

  test.each([
    ["equal items", Array<string>(20_000).fill("x"), Array<string>(20_000).fill("y")],
    ["moved items", Array.from({ length: 3000 }, (_, n) => n), Array.from({ length: 3000 }, (_, n) => 3000 - n)],
    ["blank lines", `a${"\n".repeat(100_000)}b\n`, `c${"\n".repeat(100_000)}b\n`],
    ["spaces", `a${" ".repeat(100_000)}b`, `a${" ".repeat(100_000)}c`],
  ])("a change of very many %s takes no time to speak of", (_, before, after) => {
    const text = setFields("", { l: before, last: 1 }, "f");
    const start = performance.now();
    expect(parseFrontMatter(setFields(text, { l: after }, "f"), "f").data).toEqual({ l: after, last: 1 });
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test("a value that YAML does not hold is refused", () => {
    expect(() => setFields(session, { a: 2n ** 80n }, "f")).toThrow(/^f: a cannot be written/);
    expect(() => setFields(session, { a: JSON.parse('{"__proto__": 1}') as object }, "f")).toThrow(/__proto__/);
  });

  test("a key that is not written stays behind the one before it", () => {
    const text = "---\ndecisions:\n: x\nmode: a\n---\n";
    expect(set({ decisions: ["y"] }, text)).toBe("---\ndecisions:\n  - y\n: x\nmode: a\n---\n");
    expect(set({ decisions: undefined }, text)).toBe("---\n: x\nmode: a\n---\n");
    expect(set({ "": "z" }, text)).toBe(text.replace(": x", ": z"));
  });
});
