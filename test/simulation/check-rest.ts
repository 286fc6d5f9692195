import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { reachable } from "./git/history.ts";
import { commitOf, entryAt, get } from "./git/objects.ts";
import { type Repository, rootsOf } from "./git/repository.ts";
import type { Simulation } from "./simulation.ts";
import type { Machine } from "./process.ts";

/** What must hold whenever somebody has ended a call, or was killed in it. @returns a sentence for each broken rule */
export function judgeRest(simulation: Simulation): string[] {
  return [...judgeKept(simulation), ...simulation.world.machines.flatMap((machine) => judgeStore(simulation, machine))];
}

/** Every commit, and every text that nobody committed, is where somebody can find it. */
function judgeKept({ world, commits, loose }: Simulation): string[] {
  const places = [world.hub, ...world.machines.map(({ repository }) => repository)];
  const found = places.map((repository) => ({
    repository,
    commits: reachable(repository.objects, hubOrAll(repository, world.hub)),
  }));
  const lost = [...commits].filter((oid) => !found.some((place) => place.commits.has(oid)));
  const gone = loose.filter(({ path, text }) => {
    if (world.machines.some((machine) => isInFile(machine, path, text))) return false;
    return !found.some((place) => isInHistory(place, path, text));
  });
  return [
    ...lost.map((oid) => `INV-3: the commit ${oid.slice(0, 8)} is reachable from nowhere`),
    ...gone.map(({ path }) => `INV-3: ${path}, which nobody had committed, is nowhere`),
  ];
}

function hubOrAll(repository: Repository, hub: Repository): string[] {
  return repository === hub ? [...hub.refs.values()] : rootsOf(repository);
}

function isInFile({ home }: Machine, path: string, text: string): boolean {
  const trees = join(home, ".worktrees");
  const names = existsSync(trees) ? readdirSync(trees) : [];
  return names.some((name) => {
    const file = join(trees, name, path);
    return existsSync(file) && readFileSync(file, "utf8") === text;
  });
}

function isInHistory(
  { repository, commits }: { repository: Repository; commits: ReadonlySet<string> },
  path: string,
  text: string,
): boolean {
  const { objects } = repository;
  for (const oid of commits) {
    const entry = entryAt(objects, commitOf(objects, oid).tree, path);
    if (entry && get(objects, entry.oid, "blob").data.toString("utf8") === text) return true;
  }
  return false;
}

interface HoldRow {
  readonly agent: string;
  readonly path: string;
  readonly mode: string;
  readonly expires_at: number;
}

/** Locks have one holder, and nobody whose process is there was taken for dead. */
function judgeStore({ world, agents }: Simulation, machine: Machine): string[] {
  const file = join(machine.repository.dir, "berth", "live", "store.db");
  const sign = `${signOf(file)} ${signOf(`${file}-wal`)}`;
  if (!existsSync(file) || judged.get(machine) === sign) return [];
  judged.set(machine, sign);
  const store = new DatabaseSync(file, { readOnly: true });
  try {
    const holds = store.prepare("select agent, path, mode, expires_at from hold").all() as unknown as HoldRow[];
    const live = holds.filter(({ expires_at: at }) => at > world.schedule.now());
    const broken = live.flatMap((one, i) =>
      live
        .slice(i + 1)
        .filter(
          (other) =>
            other.agent !== one.agent &&
            meet(one.path, other.path) &&
            (one.mode === "exclusive" || other.mode === "exclusive"),
        )
        .map((other) => `${one.path} is locked by ${one.agent}, and ${other.path} by ${other.agent}`),
    );
    const died = store.prepare("select subject, at from event where kind = 'agent.died'").all() as {
      subject: string;
      at: number;
    }[];
    for (const { subject, at } of died) {
      const agent = agents.find(({ name }) => name === subject);
      if (agent && agent.client !== null && agent.since < at)
        broken.push(`${subject} was taken for dead, and its process is there`);
    }
    return broken;
  } finally {
    store.close();
  }
}

/** What a store was when it was looked at last. */
const judged = new WeakMap<Machine, string>();

function signOf(file: string): string {
  const at = statSync(file, { throwIfNoEntry: false });
  return at ? `${at.size} ${at.mtimeMs}` : "";
}

function meet(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}
