/** Data as a document holds it: fields without a value are left out, and what stands in a list in their place is null. */
export function plainData(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Array.from(value as readonly unknown[], plainData);
  if ("toJSON" in value && typeof value.toJSON === "function") return plainData(value.toJSON());
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, plainData(field)]));
}

/** Equality of such data; the order of keys does not count. */
export function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, at) => sameData(item, b[at]));
  }
  if (!isDataMap(a) || !isDataMap(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameData(a[name], b[name]))
  );
}

/** True for a map, which is neither null nor a list. */
export function isDataMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One text for each such value, whatever the order of keys; for comparing alone. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => {
    if (typeof field === "number" && !Number.isFinite(field)) return { number: String(field) };
    if (!isDataMap(field)) return field;
    return Object.fromEntries(Object.entries(field).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
