import { createHash } from "node:crypto";
import type { RawStore } from "./raw-store.ts";

/**
 * What is wrong with a live layer, from its rows alone: nothing of the product is asked.
 * - INV-1, INV-10: no two exclusive locks of two agents stand on one path.
 * - INV-2: the epochs that the store has seen are no higher than those of the ledger, where these are given.
 * - INV-6, INV-7: the feed is gapless, the versions of the shared context follow one another without a gap, each has the
 *   hash of what it says, and each names the hash of the one before; a conflict names a version that is there.
 * - INV-9: what was told names who told it, and what was written names its writer.
 * @param epochs of the sessions, as the ledger says
 */
export function storeFaults(raw: RawStore, epochs: Readonly<Record<string, number>> = {}): string[] {
  return [
    ...lockFaults(raw),
    ...epochFaults(raw, epochs),
    ...feedFaults(raw),
    ...contextFaults(raw),
    ...sourceFaults(raw),
  ];
}

type Row = Readonly<Record<string, unknown>>;

const rowsOf = (raw: RawStore, table: string): readonly Row[] => raw[table] ?? [];

function lockFaults(raw: RawStore): string[] {
  const held = new Map<string, string>();
  const faults: string[] = [];
  for (const { project, place, key, mode, agent } of rowsOf(raw, "hold")) {
    if (mode !== "exclusive") continue;
    const path = JSON.stringify([project, place, key]);
    const other = held.get(path);
    if (other !== undefined && other !== agent) faults.push(`INV-1: ${other} and ${String(agent)} hold ${String(key)}`);
    held.set(path, String(agent));
  }
  const fences = rowsOf(raw, "hold").map(({ fence }) => fence);
  if (new Set(fences).size < fences.length) faults.push("INV-1: two locks have one number");
  return faults;
}

function epochFaults(raw: RawStore, epochs: Readonly<Record<string, number>>): string[] {
  return rowsOf(raw, "epoch").flatMap(({ session, epoch }) => {
    const said = epochs[String(session)];
    return said !== undefined && Number(epoch) > said
      ? [`INV-2: the store has epoch ${String(epoch)} of ${String(session)}, and the ledger ${said}`]
      : [];
  });
}

function feedFaults(raw: RawStore): string[] {
  return rowsOf(raw, "project").flatMap(({ id, seq }) => {
    const seen = rowsOf(raw, "event")
      .filter(({ project }) => project === id)
      .map((event) => Number(event["seq"]))
      .toSorted((a, b) => a - b);
    const first = seen[0] ?? Number(seq) + 1;
    const wanted = Array.from({ length: Number(seq) - first + 1 }, (_, i) => first + i);
    return JSON.stringify(seen) === JSON.stringify(wanted)
      ? []
      : [`INV-7: the feed of ${String(id)} is ${seen.join(" ")}, and ends with ${String(seq)}`];
  });
}

function contextFaults(raw: RawStore): string[] {
  const faults: string[] = [];
  const versions = rowsOf(raw, "context_version").toSorted((a, b) => Number(a["version"]) - Number(b["version"]));
  for (const [i, row] of versions.entries()) {
    const [version, before] = [Number(row["version"]), versions[i - 1]];
    if (before && Number(before["version"]) !== version - 1) faults.push(`INV-7: version ${version - 1} is missing`);
    const previous = before ? before["hash"] : version === 1 ? `sha256:${"0".repeat(64)}` : row["previous"];
    if (row["previous"] !== previous) faults.push(`INV-7: version ${version} does not follow the one before`);
    if (row["hash"] !== hashOf(row)) faults.push(`INV-7: version ${version} is not what was written`);
  }
  const last = Number(versions.at(-1)?.["version"] ?? 0);
  for (const { id, version } of rowsOf(raw, "context_conflict"))
    if (Number(version) > last) faults.push(`INV-7: conflict ${String(id)} is of version ${String(version)}`);
  return faults;
}

/** SHA-256 over the JSON of all that a version says, its names sorted and without spaces. */
function hashOf(row: Row): string {
  const at = `${new Date(Number(row["at"])).toISOString().slice(0, 19)}Z`;
  const { agent, message, previous } = row;
  const [version, base] = [Number(row["version"]), Number(row["base"])];
  const said = { agent, at, base, changes: JSON.parse(String(row["changes"])) as unknown, message, previous, version };
  return `sha256:${createHash("sha256").update(sorted(said)).digest("hex")}`;
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

function sourceFaults(raw: RawStore): string[] {
  return [
    ...rowsOf(raw, "message")
      .filter(({ kind, sender }) => kind === "message" && !sender)
      .map(({ seq }) => `INV-9: nobody told message ${String(seq)}`),
    ...rowsOf(raw, "context_version")
      .filter(({ agent }) => !agent)
      .map(({ version }) => `INV-9: nobody wrote version ${String(version)}`),
  ];
}
