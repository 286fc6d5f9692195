import { checkValues } from "./values.ts";
import type { Value } from "./store.ts";

/**
 * A statement with its values in place of `$1`, `$2` …, as one message to the server. Sent apart from the statement they
 * would need a message more when it is new, and a client that vanishes between the two keeps its turn: no timeout of the
 * server's counts there. Needs `standard_conforming_strings`.
 */
export function withLiterals(sql: string, values: readonly Value[]): string {
  checkValues(values);
  return sql.replaceAll(/\$(\d+)/g, (_, place: string) => literal(values[Number(place) - 1]));
}

function literal(value: Value | undefined): string {
  if (value === undefined) throw new Error("A statement has a place for which there is no value.");
  if (value === null) return "null";
  // In brackets, because two minus signs begin a comment; and as large as the columns, so that sums fit.
  return typeof value === "number" ? `(${value}::bigint)` : `'${value.replaceAll("'", "''")}'`;
}
