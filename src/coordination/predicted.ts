import { isoSeconds } from "../clock.ts";
import type { Project } from "../project.ts";
import { operand } from "../shell-word.ts";
import { lastSeq } from "../store/feed.ts";
import type { Reading, Writing } from "../store/store.ts";
import { notify } from "./message/notify.ts";

/** First and last line, counted from 1; where there is none, `to` is one less than `from`. */
interface LineRange {
  readonly from: number;
  readonly to: number;
}

/** Lines that two sessions changed, each in its own way. */
export interface PredictedHunk {
  readonly function: string | null;
  readonly a: LineRange;
  readonly b: LineRange;
}

/** A file in which two sessions, or a session and the base branch, conflict as they are now. */
export interface PredictedFile {
  readonly a: string;
  /** Null for the base branch. */
  readonly b: string | null;
  readonly agents: { readonly a: string | null; readonly b: string | null };
  readonly path: string;
  readonly kind: string;
  readonly hunks: readonly PredictedHunk[];
}

/** The same as the store keeps it. */
export interface PredictedConflict extends PredictedFile {
  readonly since: string;
}

/** What a look at the sessions found, and how much it saw. */
export interface Predicted {
  /** The newest event of the feed when it began: what was told after that is newer than the look. */
  readonly asOf: number;
  /** The sessions that are active. */
  readonly active: ReadonlySet<string>;
  /** Those of them whose files were seen, and not only what was pushed. */
  readonly here: ReadonlySet<string>;
  readonly compared: readonly Pick<PredictedFile, "a" | "b">[];
  /** The name of the base branch. */
  readonly base: string;
  readonly conflicts: readonly PredictedFile[];
}

/** One that was told, is gone and comes back is not told again within this time: whoever edits makes both by turns. */
const QUIET_MS = 600_000;

interface Row {
  readonly a: string;
  readonly b: string;
  readonly path: string;
  readonly kind: string;
  readonly hunks: string;
  readonly a_agent: string | null;
  readonly b_agent: string | null;
  /** The sessions whose files were seen, as JSON. */
  readonly sees: string;
  readonly since: number;
  readonly seq: number;
  readonly gone_at: number | null;
  readonly told_at: number;
}

const SELECT = `select a, b, path, kind, hunks, a_agent, b_agent, sees, since, seq, gone_at, told_at
  from predicted_conflict where project = $1`;

/** What begins a look: null where the live layer is not to be had. */
export async function beginPrediction(project: Project): Promise<number | null> {
  try {
    return await (await project.store.open({ waitMs: 3000, signal: project.signal })).read(lastSeq);
  } catch {
    // Telling of it will fail as well, and say so.
    return null;
  }
}

/**
 * Tells both agents of what conflicts newly, and the feed of what came and went. Who told first decides, so that any
 * number of watchers tell once.
 */
export async function tellPredicted(project: Project, found: Predicted): Promise<void> {
  const store = await project.store.open({ waitMs: 3000, signal: project.signal });
  // Mostly nothing is new, and nobody need wait for a turn to learn that.
  const { came, went } = await store.read((tx) => difference(tx, found));
  if (came.length === 0 && went.length === 0) return;
  await project.store.tell(async (tx) => {
    const news = await difference(tx, found);
    await tellGone(tx, news.went, project.caller.name);
    await tellCame(tx, news.came, found, project.caller.name);
    await tx.run(
      "delete from predicted_conflict where project = $1 and gone_at < $2",
      tx.project,
      tx.now - 2 * QUIET_MS,
    );
  }, project.signal);
}

interface News {
  readonly came: readonly { readonly file: PredictedFile; readonly before: Row | undefined }[];
  readonly went: readonly Row[];
}

/** What a look found that the store does not say, as far as the look knows better. */
async function difference(tx: Reading, found: Predicted): Promise<News> {
  const rows = await tx.all<Row>(SELECT, tx.project);
  const worked = await tx.all<{ session: string }>(
    "select session from agent where project = $1 and session is not null",
    tx.project,
  );
  return differenceOf(rows, found, new Set(worked.map(({ session }) => session)));
}

function differenceOf(rows: readonly Row[], found: Predicted, worked: ReadonlySet<string>): News {
  const known = new Map(rows.map((row) => [nameOf(row.a, row.b, row.path), row]));
  const now = new Set(found.conflicts.map(({ a, b, path }) => nameOf(a, b, path)));
  const compared = new Set(found.compared.map(({ a, b }) => nameOf(a, b, "")));
  const came = found.conflicts.flatMap((file) => {
    const before = known.get(nameOf(file.a, file.b, file.path));
    const stands = before !== undefined && (before.gone_at === null || before.seq > found.asOf);
    return stands ? [] : [{ file, before }];
  });
  const ended = (id: string): boolean => id !== "" && !found.active.has(id) && !worked.has(id);
  const went = rows.filter((row) => {
    const { a, b, path } = row;
    if (row.gone_at !== null || row.seq > found.asOf || now.has(nameOf(a, b, path))) return false;
    if (ended(a) || ended(b)) return true;
    // Somebody saw files there which this look did not see: it cannot know that they are different now.
    const sees = JSON.parse(row.sees) as string[];
    return compared.has(nameOf(a, b, "")) && sees.every((id) => found.here.has(id));
  });
  return { came, went };
}

function nameOf(a: string, b: string | null, path: string): string {
  return JSON.stringify([a, b ?? "", path]);
}

async function tellGone(tx: Writing, went: readonly Row[], by: string): Promise<void> {
  for (const rows of byPair(went)) {
    const { a, b } = rows[0] as Row;
    const data = { a, b: b || null, paths: rows.map(({ path }) => path) };
    const seq = await tx.append({ kind: "conflict.gone", subject: a, agent: by, data });
    for (const { path } of rows)
      await tx.run(
        `update predicted_conflict set gone_at = $5, seq = $6
         where project = $1 and a = $2 and b = $3 and path = $4 and gone_at is null`,
        tx.project,
        a,
        b,
        path,
        tx.now,
        seq,
      );
  }
}

async function tellCame(tx: Writing, came: News["came"], found: Predicted, by: string): Promise<void> {
  for (const news of byPair(came.map((one) => ({ ...one, a: one.file.a, b: one.file.b })))) {
    const [first] = news;
    if (!first) continue;
    const { a, b, agents } = first.file;
    const files = news.map(({ file: { path, kind, hunks } }) => ({ path, kind, hunks }));
    const seq = await tx.append({ kind: "conflict.predicted", subject: a, agent: by, data: { a, b, agents, files } });
    const untold = news.filter(({ before }) => before === undefined || before.told_at <= tx.now - QUIET_MS);
    for (const { file, before } of news) await keep(tx, file, found, seq, untoldSince(tx, before));
    if (untold.length > 0)
      await tellAgents(
        tx,
        untold.map(({ file }) => file),
        found.base,
      );
  }
}

function untoldSince(tx: Writing, before: Row | undefined): number {
  return before === undefined || before.told_at <= tx.now - QUIET_MS ? tx.now : before.told_at;
}

async function keep(tx: Writing, file: PredictedFile, found: Predicted, seq: number, toldAt: number): Promise<void> {
  const { a, b, agents, path, kind, hunks } = file;
  const sees = [a, b].filter((id) => id !== null && found.here.has(id));
  const lines = JSON.stringify(hunks);
  const values = [tx.project, a, b ?? "", path, kind, lines, agents.a, agents.b, JSON.stringify(sees), tx.now];
  await tx.run(
    `insert into predicted_conflict
       (project, a, b, path, kind, hunks, a_agent, b_agent, sees, since, seq, gone_at, told_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, null, $12)
     on conflict (project, a, b, path) do update set kind = $5, hunks = $6, a_agent = $7, b_agent = $8, sees = $9,
       since = $10, seq = $11, gone_at = null, told_at = $12`,
    ...values,
    seq,
    toldAt,
  );
}

/** Files with their lines in a notice; the others are counted. */
const MOST_NAMED = 5;

async function tellAgents(tx: Writing, files: readonly PredictedFile[], base: string): Promise<void> {
  const [first] = files;
  if (!first) return;
  const { a, b, agents } = first;
  const data = { a, b, paths: files.map(({ path }) => path) };
  const tell = async (to: string | null, own: "a" | "b"): Promise<void> => {
    if (to === null) return;
    const [mine, other] = own === "a" ? [a, b] : [b ?? "", a];
    const who = agents[own === "a" ? "b" : "a"] ?? "somebody";
    const whom = other === null ? `with ${base}` : `with that of ${who} in ${other}`;
    const next = other === null ? `berth sync ${operand(mine)}` : `berth conflicts ${operand(mine)} ${operand(other)}`;
    const text = `Your work in ${mine} conflicts ${whom}: ${placesOf(files, own)}. Nothing has landed yet: ${next}`;
    await notify(tx, to, { kind: "conflict.predicted", from: null, text, data });
  };
  await tell(agents.a, "a");
  if (b !== null && agents.b !== agents.a) await tell(agents.b, "b");
}

function placesOf(files: readonly PredictedFile[], side: "a" | "b"): string {
  const named = files.slice(0, MOST_NAMED).map(({ path, kind, hunks }) => {
    const hunk = hunks[0];
    if (!hunk) return `${path} (${kind})`;
    const { from, to } = hunk[side];
    const where = to > from ? `lines ${from} to ${to}` : `line ${from}`;
    const more = hunks.length > 1 ? ` and ${hunks.length - 1} more places` : "";
    return `${path} ${where}${hunk.function === null ? "" : ` in ${hunk.function}`}${more}`;
  });
  const more = files.length > MOST_NAMED ? [`${files.length - MOST_NAMED} more files`] : [];
  return [...named, ...more].join("; ");
}

function byPair<T extends { readonly a: string; readonly b: string | null }>(items: readonly T[]): T[][] {
  const pairs = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item.a, item.b, "");
    pairs.set(name, [...(pairs.get(name) ?? []), item]);
  }
  return [...pairs.values()];
}

/** The conflicts that were predicted last and are not known to be gone, the oldest first. */
export async function predictedConflicts(tx: Reading): Promise<PredictedConflict[]> {
  const rows = await tx.all<Row>(`${SELECT} and gone_at is null order by since, a, b, path`, tx.project);
  return rows.map(({ a, b, path, kind, hunks, a_agent, b_agent, since }) => ({
    a,
    b: b || null,
    agents: { a: a_agent, b: b_agent },
    path,
    kind,
    hunks: JSON.parse(hunks) as PredictedHunk[],
    since: isoSeconds(since),
  }));
}
