import { type Sample, type Spread, spread } from "./measure.ts";

/** The one value of a spread that is compared. */
export type Statistic = "median" | "p99" | "max";

/** One line of the table: what was measured, beside what it is compared with in the same run. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: "ms" | "ms CPU" | "MB" | "packages";
  readonly ours: Spread;
  readonly floor: Spread | null;
  readonly floorName: string;
  /** What of the spreads is compared, and held against the bar. */
  readonly statistic: Statistic;
  /** Ours by the floor's; the value itself where there is no floor. */
  readonly ratio: number;
  /** The most that `barOn` may be; null where there is no bar. */
  readonly bar: number | null;
  readonly barOn: "ratio" | "value";
  readonly ok: boolean | null;
}

type Measure = "wallMs" | "cpuMs";
type Named = Pick<Row, "id" | "title" | "floorName"> & { readonly bar: number | null };

/** A row from two sets of runs. */
export function compared(
  row: Named & { readonly by?: Measure },
  ours: readonly Sample[],
  floor: readonly Sample[],
): Row {
  const { by = "wallMs", ...named } = row;
  const unit = by === "cpuMs" ? "ms CPU" : "ms";
  const of = (samples: readonly Sample[]): Spread => spread(samples.map((sample) => sample[by]));
  return judged({ ...named, unit, statistic: "median", barOn: "ratio" }, of(ours), of(floor));
}

/** A row from times in milliseconds. @param row.statistic what is compared with the same of the floor */
export function timed(
  row: Named & Partial<Pick<Row, "statistic" | "barOn">>,
  ours: readonly number[],
  floor: readonly number[],
): Row {
  return judged({ unit: "ms", statistic: "median", barOn: "ratio", ...row }, spread(ours), spread(floor));
}

function judged(row: Omit<Row, "ours" | "floor" | "ratio" | "ok">, ours: Spread, floor: Spread): Row {
  const { statistic, bar, barOn } = row;
  const ratio = ours[statistic] / floor[statistic];
  return { ...row, ours, floor, ratio, ok: bar === null ? null : (barOn === "ratio" ? ratio : ours[statistic]) <= bar };
}

/** A row for one number under a bar. */
export function counted(row: Pick<Row, "id" | "title" | "unit"> & { readonly bar: number }, value: number): Row {
  const alone = { ours: spread([value]), floor: null, floorName: "", ratio: value } as const;
  return { ...row, ...alone, statistic: "median", barOn: "value", ok: value <= row.bar };
}

/** All rows as a table of text. */
export function tableOf(rows: readonly Row[]): string {
  const head = ["row", "what", "median", "min", "p99", "max", "n", "floor", "", "ratio", "bar", "of", ""];
  const lines = rows.map((row) => [
    row.id,
    row.title,
    `${figure(row.ours.median)} ${row.unit}`,
    ...[row.ours.min, row.ours.p99, row.ours.max].map(figure),
    String(row.ours.n),
    row.floorName,
    row.floor === null ? "" : figure(row.floor[row.statistic]),
    row.floor === null ? "" : `${row.ratio.toFixed(2)} ×`,
    row.bar === null ? "" : row.barOn === "value" ? `≤ ${row.bar}` : `≤ ${row.bar} ×`,
    row.floor === null ? "" : row.statistic,
    row.ok === null ? "" : row.ok ? "ok" : "MISSED",
  ]);
  const widths = head.map((title, at) => Math.max(title.length, ...lines.map((line) => line[at]?.length ?? 0)));
  const numeric = new Set([2, 3, 4, 5, 6, 8, 9, 10]);
  const print = (line: readonly string[]): string =>
    line
      .map((cell, at) => (numeric.has(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd();
  return [head, ...lines].map(print).join("\n");
}

function figure(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toFixed(1);
}
