import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Project } from "../project.ts";
import type { Reading, Value, Writing } from "../store/store.ts";
import { changeOf } from "./change.ts";
import { type Found, planSalvage, type Salvage } from "./salvage.ts";
import { ORIGIN, type Version } from "./version.ts";
import { append, keepSnapshot } from "./write.ts";

/** What would become of a history that is damaged in a store that is sound. */
export async function planRepair(project: Project): Promise<Salvage> {
  const store = await project.store.open();
  return store.read(async (tx) => planSalvage(await readFound(tx)));
}

/**
 * Replaces a damaged history by what proves itself of it. All that there was is written to a file first. [XCS-18]
 * @param aside that file
 */
export async function repairHistory(project: Project, aside: string): Promise<Salvage> {
  const store = await project.store.open();
  await mkdir(dirname(aside), { recursive: true });
  return store.write(async (tx) => {
    const found = await readFound(tx);
    await writeFile(aside, `${JSON.stringify(found, null, 2)}\n`);
    const salvage = planSalvage(found);
    for (const table of ["context_version", "context_snapshot", "context_conflict", "context_read"])
      await tx.run(`delete from ${table} where project = $1`, tx.project);
    await putBack(tx, salvage, { agent: project.caller.name, aside });
    return salvage;
  });
}

async function readFound(tx: Reading): Promise<Found> {
  const all = (table: string): Promise<Found["versions"]> =>
    tx.all(`select * from ${table} where project = $1`, tx.project);
  return {
    versions: await all("context_version"),
    snapshots: await all("context_snapshot"),
    conflicts: await all("context_conflict"),
    reads: await all("context_read"),
    told: 0,
    complete: true,
  };
}

/** Fills a store that has no shared context of the project. */
export async function putBack(
  tx: Writing,
  salvage: Salvage,
  by: { readonly agent: string; readonly aside: string },
): Promise<void> {
  for (const version of salvage.versions) await insertVersion(tx, version);
  for (const snapshot of salvage.snapshots) await insert(tx, "context_snapshot", { ...snapshot });
  for (const conflict of salvage.conflicts) await insert(tx, "context_conflict", { ...conflict });
  for (const read of salvage.reads) await insert(tx, "context_read", read);
  if (salvage.rest) await appendRest(tx, salvage, salvage.rest, by);
  const { agent, aside } = by;
  await tx.append({ kind: "store.repaired", subject: aside, agent, data: { rest: salvage.rest?.from ?? null } });
}

/** The next number after the highest: whoever still has one that is lost is told so, and not given another version. */
async function appendRest(
  tx: Writing,
  { versions, highest }: Salvage,
  { before, document }: NonNullable<Salvage["rest"]>,
  { agent, aside }: { readonly agent: string; readonly aside: string },
): Promise<void> {
  const last = versions.at(-1);
  const made = await append(tx, {
    head: { version: highest, hash: last?.hash ?? ORIGIN },
    agent,
    base: last?.version ?? 0,
    message: `Repaired after damage; what there was is in ${aside}`,
    changes: [changeOf([], before, document)],
  });
  await keepSnapshot(tx, { ...made, document, message: null });
}

function insertVersion(tx: Writing, { at, changes, ...rest }: Version): Promise<number> {
  return insert(tx, "context_version", { ...rest, at: Date.parse(at), changes: JSON.stringify(changes) });
}

function insert(tx: Writing, table: string, row: Readonly<Record<string, Value>>): Promise<number> {
  const names = Object.keys(row);
  const places = names.map((_, i) => `$${i + 2}`);
  return tx.run(
    `insert into ${table} (project, ${names.join(", ")}) values ($1, ${places.join(", ")}) on conflict do nothing`,
    tx.project,
    ...Object.values(row),
  );
}
