import type { Page } from "./style.ts";
import { fit, plain, widthOf } from "./text.ts";

/** One column. Those that `shrink` give way when the terminal is too narrow. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** How the finished cell is painted. */
  readonly paint?: (text: string, row: Row) => string;
  readonly alignRight?: boolean;
  readonly shrinks?: boolean;
}

const GAP = "  ";
const LEAST = 8;

/**
 * Rows as lines under a header. Cells are cleaned of everything that could move the cursor or reorder the line, since
 * most of what is listed was written by an agent. Columns that are empty in every row are left out.
 */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], page: Page): string {
  const filled = columns
    .map((column) => ({ column, cells: rows.map((row) => plain(column.cell(row))) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ""));
  const widths = shrink(
    filled.map(({ column, cells }) => Math.max(...[column.title, ...cells].map(widthOf))),
    filled.map(({ column }) => column.shrinks === true),
    page.width - GAP.length * (filled.length - 1),
  );
  const line = (text: (index: number) => string, paint: (index: number, padded: string) => string): string =>
    filled
      .map(({ column }, index) => paint(index, pad(fit(text(index), widths[index] ?? 0), widths[index] ?? 0, column)))
      .join(GAP)
      .trimEnd();
  const header = line(
    (index) => filled[index]?.column.title ?? "",
    (_index, padded) => padded,
  );
  const body = rows.map((row, at) =>
    line(
      (index) => filled[index]?.cells[at] ?? "",
      (index, padded) => filled[index]?.column.paint?.(padded, row) ?? padded,
    ),
  );
  return [page.style("dim", header), ...body].join("\n");
}

function pad<Row>(text: string, width: number, column: Column<Row>): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return column.alignRight === true ? space + text : text + space;
}

/** Takes what is too much from the columns that shrink, the widest first; the others stay whole, so that an id can be copied. */
function shrink(widths: readonly number[], soft: readonly boolean[], room: number): number[] {
  const shrunk = [...widths];
  for (;;) {
    const over = shrunk.reduce((sum, width) => sum + width, 0) - room;
    const widest = shrunk.reduce(
      (best, width, at) => (soft[at] === true && width > (shrunk[best] ?? LEAST) ? at : best),
      -1,
    );
    if (over <= 0 || widest < 0) return shrunk;
    const width = shrunk[widest] ?? 0;
    const second = Math.max(LEAST, ...shrunk.filter((_width, at) => at !== widest && soft[at] === true));
    shrunk[widest] = Math.max(LEAST, width - over, Math.min(second, width - 1));
  }
}
