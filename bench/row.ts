import { type Sample, type Spread, spread } from "./measure.ts";

/** One line of the table: what was measured, beside what it is compared with in the same run. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: "ms" | "ms CPU" | "MB" | "packages";
  readonly ours: Spread;
  readonly floor: Spread | null;
  readonly floorName: string;
  /** Of the medians; the value itself where there is no floor. */
  readonly ratio: number;
  /** The most the ratio may be; null where there is no bar. */
  readonly bar: number | null;
  readonly ok: boolean | null;
}

type Measure = "wallMs" | "cpuMs";

/** A row from two sets of runs. */
export function compared(
  row: Pick<Row, "id" | "title" | "floorName"> & { readonly bar: number | null; readonly by?: Measure },
  ours: readonly Sample[],
  floor: readonly Sample[],
): Row {
  const by = row.by ?? "wallMs";
  const [a, b] = [spread(ours.map((s) => s[by])), spread(floor.map((s) => s[by]))];
  const ratio = a.median / b.median;
  const { id, title, floorName, bar } = row;
  const unit = by === "cpuMs" ? "ms CPU" : "ms";
  return { id, title, unit, ours: a, floor: b, floorName, ratio, bar, ok: bar === null ? null : ratio <= bar };
}

/** A row for one number under a bar. */
export function counted(row: Pick<Row, "id" | "title" | "unit"> & { readonly bar: number }, value: number): Row {
  return { ...row, ours: spread([value]), floor: null, floorName: "", ratio: value, ok: value <= row.bar };
}

/** All rows as a table of text. */
export function tableOf(rows: readonly Row[]): string {
  const head = ["row", "what", "median", "min", "p99", "max", "n", "floor", "median", "ratio", "bar", ""];
  const lines = rows.map((row) => [
    row.id,
    row.title,
    `${figure(row.ours.median)} ${row.unit}`,
    ...[row.ours.min, row.ours.p99, row.ours.max].map(figure),
    String(row.ours.n),
    row.floorName,
    row.floor === null ? "" : figure(row.floor.median),
    row.floor === null ? "" : `${row.ratio.toFixed(2)} ×`,
    row.bar === null ? "" : row.floor === null ? `≤ ${row.bar}` : `≤ ${row.bar} ×`,
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
