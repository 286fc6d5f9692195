/** What an agent of the race does, one deed after the other, each chosen at random. */

/** The files of the race, by what they are locked as, however that was spelled. */
export const COVERS: Readonly<Record<string, readonly string[]>> = {
  "src/a.txt": ["a"],
  "src/b.txt": ["b"],
  "src/ui/x.ts": ["x"],
  src: ["a", "b", "x", "y"],
  "src/ui": ["x", "y"],
  "src/*.txt": ["a", "b"],
  "src/ui/?.ts": ["x", "y"],
  "src/**/y.ts": ["y"],
  "docs/m.md": ["m"],
  "**/*.md": ["m"],
};

/** The same, as people write it. */
const SPELLED: readonly string[] = [
  "src/a.txt",
  "./src/ui/../b.txt",
  "src/ui/x.ts",
  "src/",
  "src/ui",
  "src/*.txt",
  "src/ui/?.ts",
].concat(["src/**/y.ts", "docs//m.md", "**/*.md"]);

export const FILES: Readonly<Record<string, string>> = {
  "src/a.txt": "a\n",
  "src/b.txt": "b\n",
  "src/ui/x.ts": "x\n",
  "src/ui/y.ts": "y\n",
  "docs/m.md": "m\n",
};

/** Names that everybody wants to be registered as. */
const TITLES = ["captain", "pilot", "cook"];

export interface Racer {
  readonly agent: string;
  readonly agents: readonly string[];
  random(): number;
  /** A word that occurs nowhere else, for what is asked next. */
  mark(): string;
  /** Calls a verb. @returns null for a refusal; one that is not expected fails the test */
  ask(
    verb: string,
    input: Readonly<Record<string, unknown>>,
    expected?: readonly string[],
  ): Promise<Record<string, unknown> | null>;
  pause(ms: number): Promise<void>;
  /** Tasks that are this agent's. */
  readonly own: Set<string>;
}

/** What is called in the race. */
export const VERBS: readonly string[] = (
  "register leave beat agents status lock unlock addTask takeTask doneTask failTask handTask tasks " +
  "tell inbox sharedGet sharedSet sharedResolve sharedVerify"
).split(" ");

/** How long a lock lasts that is not renewed. */
const SHORT_MS = 1000;

const REFUSED = ["LOCK_HELD", "TIMED_OUT", "DEADLOCK"];
const PRIORITIES = ["now", "next", "future"];
/** A map, a list, a text of lines, and a plain value. */
const SHARED = ["shared.plan", "shared.list", "shared.note", "shared.state"];

export interface Deeds {
  begin(): Promise<void>;
  one(): Promise<void>;
  end(): Promise<void>;
}

export function deeds(racer: Racer): Deeds {
  const { agent } = racer;
  const ask: Racer["ask"] = (...all) => racer.ask(...all);
  const chance = (part: number): boolean => racer.random() < part;
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(racer.random() * list.length)] as T;
  const titles = new Set<string>();
  const register = async (id: string): Promise<boolean> =>
    (await ask(
      "register",
      { id, role: `role of ${racer.mark()}`, pid: process.pid },
      id === agent ? [] : ["ALREADY_REGISTERED"],
    )) !== null;

  const take = async (): Promise<boolean> => {
    const paths = Array.from({ length: chance(0.6) ? 1 : 3 }, () => oneOf(SPELLED));
    const mode = chance(0.7) ? "exclusive" : "shared";
    const ttlMs = chance(0.5) ? SHORT_MS : 60_000;
    const waitMs = chance(0.4) ? Math.floor(racer.random() * 1500) : 0;
    return (await ask("lock", { paths, mode, ttlMs, waitMs }, REFUSED)) !== null;
  };
  const giveBack = (): Promise<unknown> =>
    ask("unlock", chance(0.7) ? { all: true } : { paths: [oneOf(SPELLED), oneOf(SPELLED)] });
  let waits = 0;
  const locking = async (): Promise<void> => {
    if (performance.now() < waits) return;
    let had = await take();
    // Held a moment, renewed, changed in mode, or another one wanted as well: from that come circles.
    for (let more = 0; had && more < 3 && chance(0.4); more++) had = await take();
    if (chance(0.5)) await racer.pause(racer.random() * 10);
    // Some are left to expire: until then nothing is locked or given back.
    if (chance(0.1)) waits = performance.now() + 1.3 * SHORT_MS;
    else await giveBack();
  };

  const tasks = async (): Promise<void> => {
    if (chance(0.4))
      await ask("addTask", { title: racer.mark(), priority: oneOf(PRIORITIES), maxFailures: oneOf([1, 3]) });
    const taken = await ask("takeTask", {}, ["NOTHING_FITS"]);
    if (taken) racer.own.add((taken["task"] as { id: string }).id);
    const id = oneOf([...racer.own]);
    if (id === undefined || chance(0.3)) return;
    racer.own.delete(id);
    const to = oneOf(racer.agents.filter((name) => name !== agent));
    const what = oneOf(["done", "done", "failed", "handed"]);
    if (what === "done") await ask("doneTask", { id });
    else if (what === "failed") await ask("failTask", { id, reason: racer.mark() });
    else if (!(await ask("handTask", { id, to, note: racer.mark() }, ["NOT_FOUND"]))) racer.own.add(id);
  };
  /** What others have handed over. */
  const handed = async (): Promise<void> => {
    const { tasks = [] } = (await ask("tasks", {})) as { tasks?: readonly { id: string; agent: string | null }[] };
    for (const task of tasks) if (task.agent === agent) racer.own.add(task.id);
  };

  const write = async (): Promise<void> => {
    const path = chance(0.5) ? `of.${agent}` : oneOf(SHARED);
    const read = chance(0.7) ? await ask("sharedGet", { path }) : null;
    if (chance(0.3)) await racer.pause(racer.random() * 20);
    const mark = racer.mark();
    const value = written(path, read?.["value"] ?? null, agent, mark);
    const base = read && chance(0.7) ? { base: read["version"] } : {};
    await ask("sharedSet", { path, value, message: mark, ...base });
  };
  const resolve = (): Promise<unknown> =>
    // Who has not read what came since is told so.
    ask("sharedResolve", { path: oneOf(SHARED), decision: { take: oneOf(["ours", "theirs"]) } }, [
      "NOT_FOUND",
      "MERGE_CONFLICT",
    ]);

  const title = async (): Promise<void> => {
    const id = oneOf(TITLES);
    if (!titles.has(id) && (await register(id))) titles.add(id);
    else if (titles.delete(id)) await ask("leave", { id });
  };
  const again = async (): Promise<void> => {
    racer.own.clear();
    await ask("leave", { id: agent });
    await register(agent);
  };

  const talk = async (): Promise<void> => {
    await ask("tell", { to: oneOf(racer.agents), text: racer.mark() }, ["NOT_FOUND"]);
    await ask("inbox", {});
  };
  const look = (): Promise<unknown> => ask(oneOf(["agents", "status", "sharedVerify"]), {});

  const all: readonly (readonly [weight: number, deed: () => Promise<unknown>])[] = [
    [30, locking],
    [25, write],
    [20, tasks],
    [5, handed],
    [5, resolve],
    [10, title],
    [2, again],
    [5, talk],
    [8, (): Promise<unknown> => ask("beat", { id: agent })],
    [1, look],
  ];
  const sum = all.reduce((so, [weight]) => so + weight, 0);
  return {
    begin: async () => void (await register(agent)),
    one: async () => {
      let at = racer.random() * sum;
      await all.find(([weight]) => (at -= weight) < 0)?.[1]();
    },
    end: async () => {
      await ask("unlock", { all: true });
      for (const id of [...titles, agent]) await ask("leave", { id });
    },
  };
}

/** What was read with an agent's own part of it changed; unread, only its own part. */
function written(path: string, read: unknown, agent: string, mark: string): unknown {
  const own = { id: agent, mark };
  if (path === "shared.plan") return { ...(read as object | null), [agent]: mark };
  if (path === "shared.list") {
    const others = ((read ?? []) as { readonly id: string }[]).filter(({ id }) => id !== agent);
    return [...others, own];
  }
  if (path === "shared.note") {
    const lines = ((read ?? "") as string).split("\n").filter((line) => line !== "" && !line.startsWith(`${agent}:`));
    return [...lines, `${agent}: ${mark}`, ""].join("\n");
  }
  return path === "shared.state" ? mark : own;
}
