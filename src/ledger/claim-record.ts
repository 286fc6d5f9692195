import { parseYaml, writeYaml } from "../document/yaml.ts";
import { BerthError } from "../errors.ts";
import { type Oid, oid } from "../git/names.ts";
import type { Identity } from "../git/write.ts";

/** One landing of a session on the base branch. */
export interface Landing {
  /** The squash commit on the base branch. */
  readonly commit: Oid;
  /** The session branch's tip that was landed. */
  readonly tip: Oid;
  readonly at: string;
}

/** The claim that another one replaced. */
export interface TakenFrom {
  readonly agent: string;
  readonly epoch: number;
  readonly host: string;
  /** The snapshot of what was not committed in its workspace; a reference on the machine that took over. */
  readonly snapshot: string | null;
}

/** `claim.yaml`: who holds a session, or held it last. The ledger's tip is the authority. */
export interface ClaimRecord {
  readonly session: string;
  /** Grows with every new claim: the fencing token. */
  readonly epoch: number;
  readonly agent: string;
  readonly email: string;
  readonly host: string;
  readonly claimedAt: string;
  /** `sha256:` and the hash of the holder's token; null for a claim made by hand. */
  readonly token: string | null;
  readonly branch: string;
  /** The base tip the work started from. */
  readonly base: Oid | null;
  /** SESSION.md as it was at the first claim: the frozen plan. */
  readonly plan: Oid | null;
  /** The last tip of the session branch that the ledger was told of. */
  readonly tip: Oid | null;
  readonly landed: readonly Landing[];
  /** A landing under way on a hub that cannot move two branches at once. */
  readonly landing: Landing | null;
  /** Everybody who has held the session, whose commits the gates accept. */
  readonly holders: readonly Identity[];
  /** From whom this claim was taken over; null for one that was free. */
  readonly takenFrom: TakenFrom | null;
  readonly ended: {
    readonly how: "released" | "completed" | "abandoned";
    readonly at: string;
    readonly reason: string;
  } | null;
}

/** Writes the record in the spelling of the documents on disk. */
export function writeClaim(record: ClaimRecord): string {
  return writeYaml({
    session: record.session,
    epoch: record.epoch,
    agent: record.agent,
    email: record.email,
    host: record.host,
    claimed_at: record.claimedAt,
    token: record.token,
    branch: record.branch,
    base: record.base,
    plan: record.plan,
    tip: record.tip,
    landed: record.landed,
    landing: record.landing,
    holders: record.holders,
    ...(record.takenFrom === null ? {} : { taken_from: record.takenFrom }),
    ended: record.ended,
  });
}

/** @throws BerthError INVALID for a record that cannot be trusted to say who holds the session */
export function parseClaim(text: string, file: string): ClaimRecord {
  const raw = parseYaml(text, file);
  if (!isRecord(raw)) throw bad(file, "it is not a mapping");
  const epoch = raw["epoch"];
  if (typeof epoch !== "number" || !Number.isSafeInteger(epoch) || epoch < 1)
    throw bad(file, "epoch is not a whole number from 1");
  const need = (key: string): string => {
    const value = raw[key];
    if (typeof value !== "string") throw bad(file, `${key} is missing`);
    return value;
  };
  return {
    session: need("session"),
    epoch,
    agent: need("agent"),
    email: need("email"),
    host: need("host"),
    claimedAt: need("claimed_at"),
    token: typeof raw["token"] === "string" ? raw["token"] : null,
    branch: need("branch"),
    base: optionalOid(raw["base"]),
    plan: optionalOid(raw["plan"]),
    tip: optionalOid(raw["tip"]),
    landed: list(raw["landed"]).map((entry) => landingOf(entry, file)),
    landing: isRecord(raw["landing"]) ? landingOf(raw["landing"], file) : null,
    holders: list(raw["holders"]).map((h) => ({ name: textOf(h["name"]), email: textOf(h["email"]) })),
    takenFrom: takenOf(raw["taken_from"]),
    ended: endedOf(raw["ended"]),
  };
}

function bad(file: string, what: string): BerthError {
  return new BerthError("INVALID", `${file} is not a usable claim record: ${what}.`, {
    hint: "See who wrote it with: git log -p -- " + file,
    facts: { file },
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function optionalOid(value: unknown): Oid | null {
  return typeof value === "string" ? oid(value) : null;
}

function landingOf(value: Record<string, unknown>, file: string): Landing {
  const [commit, tip] = [optionalOid(value["commit"]), optionalOid(value["tip"])];
  if (!commit || !tip) throw bad(file, "a landing lacks its commit or tip");
  return { commit, tip, at: textOf(value["at"]) };
}

function takenOf(value: unknown): TakenFrom | null {
  if (!isRecord(value) || typeof value["epoch"] !== "number") return null;
  const snapshot = typeof value["snapshot"] === "string" ? value["snapshot"] : null;
  return { agent: textOf(value["agent"]), epoch: value["epoch"], host: textOf(value["host"]), snapshot };
}

function endedOf(value: unknown): ClaimRecord["ended"] {
  if (!isRecord(value)) return null;
  const how = value["how"];
  if (how !== "released" && how !== "completed" && how !== "abandoned") return null;
  return { how, at: textOf(value["at"]), reason: textOf(value["reason"]) };
}
