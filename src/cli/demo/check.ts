import { shellWord } from "../../shell-word.ts";
import { slug } from "./board.ts";
import { company } from "./check-live.ts";
import { rescues } from "./check-rescue.ts";
import { run } from "./plain-git.ts";
import { type Check, type Outcome, sessionsThat, type Statement } from "./statement.ts";
import { WORK } from "./work.ts";

/** Asks about every statement. */
export async function checkAll(outcome: Outcome): Promise<Check[]> {
  const checks: Check[] = [];
  for (const { says, program, ask, holds, shows } of statementsOf(outcome)) {
    const [dir, ...args] = ask;
    const words = [...(program === "berth" ? outcome.berth : ["git"]), "-C", dir, ...args];
    const command = words.map(shellWord).join(" ");
    const said = await run(outcome.place.plain, outcome.place.dir, words).catch(
      (error: Error) => `failed: ${error.message}`,
    );
    outcome.place.plain.signal.throwIfAborted();
    const ok = holds(said === "" ? [] : said.split("\n"));
    const told = said.slice(0, 1000);
    checks.push({ says, command, ok, ...(ok ? {} : { found: told }), ...(ok && shows ? { shown: told } : {}) });
  }
  return checks;
}

function statementsOf(outcome: Outcome): Statement[] {
  const done = [...endings(outcome), ...claims(outcome), ...landings(outcome)];
  return [...done, ...keepings(outcome), ...rescues(outcome), ...company(outcome)];
}

/** Where every session is now. */
function endings({ place: { hub }, news }: Outcome): Statement[] {
  const completed = sessionsThat(news, "completed");
  const abandoned = sessionsThat(news, "abandoned");
  const gone = WORK.filter(({ givesUp }) => givesUp).length;
  return [
    {
      says: `${completed.length} sessions are completed: all but ${gone} of the ${WORK.length} drafted, and the one that the learnings planned`,
      ask: [hub, "ls-tree", "-d", "--name-only", "berth/ledger:completed"],
      holds: (lines) => completed.length === WORK.length - gone + 1 && same(lines, completed),
    },
    {
      says: `${abandoned.map(slug).join(", ")} is abandoned`,
      ask: [hub, "ls-tree", "-d", "--name-only", "berth/ledger:abandoned"],
      holds: (lines) => abandoned.length === gone && same(lines, abandoned),
    },
    {
      says: "nobody holds a claim any more",
      ask: [hub, "show", "berth/ledger:sessions.lock"],
      holds: (lines) => lines.length === 0,
    },
    {
      says: "the hub has the base branch and the ledger, and no session branch is left over",
      ask: [hub, "for-each-ref", "--format=%(refname:short)", "refs/heads"],
      holds: (lines) => same(lines, ["berth/ledger", "main"]),
    },
  ];
}

/** Who got what, though all took from one list. */
function claims({ place: { hub }, news }: Outcome): Statement[] {
  const claimed = sessionsThat(news, "claimed");
  const killed = sessionsThat(
    news.filter(({ unsaved }) => !unsaved),
    "killed",
  );
  const holders = new Map(news.flatMap(({ what, session, agent }) => (what === "claimed" ? [[session, agent]] : [])));
  const statements: Statement[] = [
    {
      says: "each session was claimed once, by one agent",
      ask: [
        hub,
        "log",
        "--format=%(trailers:key=Berth-Session,valueonly,separator=) %(trailers:key=Berth-Agent,valueonly,separator=)",
        "--grep=] Claim session$",
        "berth/ledger",
      ],
      holds: (lines) =>
        same(
          lines,
          claimed.map((id) => `${id} ${holders.get(id)}`),
        ),
    },
  ];
  for (const id of killed) {
    statements.push({
      says: `${slug(id)} was claimed at epoch 1 and no other: killed in the middle of that, its agent ran the same command again and went on`,
      ask: [
        hub,
        "log",
        "--format=%(trailers:key=Berth-Epoch,valueonly,separator=)",
        `--grep=\\[${id}\\] Claim session`,
        "berth/ledger",
      ],
      holds: (lines) => same(lines, ["1"]),
    });
  }
  for (const { slug: name, depends } of WORK.filter((work) => work.depends !== undefined)) {
    statements.push({
      says: `${name} was not claimed before ${depends} was completed`,
      ask: [hub, "log", "--reverse", "--format=%s", "--grep=Claim session", "--grep=Complete session", "berth/ledger"],
      holds: (lines) => {
        const completed = lines.findIndex((line) => line.endsWith(`-${depends}] Complete session`));
        return completed >= 0 && completed < lines.findIndex((line) => line.endsWith(`-${name}] Claim session`));
      },
    });
  }
  return statements;
}

/** What came home. */
function landings({ place: { hub, prefix }, news }: Outcome): Statement[] {
  const completed = sessionsThat(news, "completed");
  const twice = sessionsThat(news, "landed");
  const rival = WORK.find((work) => work.rival);
  const [path = "", text = ""] = Object.entries(rival?.rival?.resolved ?? {})[0] ?? [];
  const conflicts = sessionsThat(news, "conflict");
  return [
    {
      says: "main has the work of every completed session, one commit for each landing",
      ask: [
        hub,
        "log",
        "--format=%(trailers:key=Berth-Session,valueonly,separator=)",
        "--grep=^Berth-Session: ",
        "main",
      ],
      holds: (lines) => same(lines, [...completed, ...twice]),
    },
    {
      says: "main grew by landings alone, one after the other, without a merge commit of them",
      ask: [hub, "log", "--merges", "--format=%s", "--grep=^Berth-Session: ", "main"],
      holds: (lines) => lines.length === 0,
    },
    {
      says: `${conflicts.map(slug).join(", ")} met a conflict, and ${path} has both wishes now`,
      ask: [hub, "show", `main:${prefix}${path}`],
      holds: (lines) => conflicts.length === 1 && `${lines.join("\n")}\n` === text,
    },
    {
      says: "no session folder came to main",
      ask: [hub, "ls-tree", "--name-only", "main", ".session"],
      holds: (lines) => lines.length === 0,
    },
    {
      says: "what one agent learned is in the knowledge of all",
      ask: [hub, "ls-tree", "--name-only", "main:_AGENTS/knowledge"],
      holds: (lines) => lines.includes("arithmetic.md"),
    },
  ];
}

/** What was given up, and is still there. */
function keepings({ place: { hub, prefix }, news, clones }: Outcome): Statement[] {
  const statements: Statement[] = [];
  for (const { agent, session, kept } of news.filter(({ what }) => what === "abandoned")) {
    const work = WORK.find(({ slug: name }) => session?.endsWith(`-${name}`));
    const commit = kept?.find((name) => /^[0-9a-f]{40,}$/.test(name)) ?? "missing";
    const snapshot = kept?.find((name) => name.startsWith("refs/")) ?? "missing";
    statements.push({
      says: `what ${agent} had committed in ${slug(session)} is reachable from the ledger`,
      ask: [hub, "branch", "--contains", commit, "--format=%(refname:short)"],
      holds: (lines) => lines.includes("berth/ledger"),
    });
    for (const [path, text] of Object.entries(work?.givesUp?.files ?? {})) {
      statements.push({
        says: `${path}, which ${agent} had not committed, is in the snapshot`,
        ask: [clones.get(agent) ?? hub, "show", `${snapshot}:${prefix}${path}`],
        holds: (lines) => `${lines.join("\n")}\n` === text,
      });
    }
  }
  return statements;
}

/** The same lines, whatever their order. */
function same(lines: readonly string[], wanted: readonly string[]): boolean {
  return lines.length === wanted.length && [...lines].sort().join("\n") === [...wanted].sort().join("\n");
}
