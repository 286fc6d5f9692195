import { labelOf } from "./facts.ts";
import type { Page } from "./style.ts";
import { plain, plainBlock } from "./text.ts";

const SHORT_LIST = 70;

/** Plain data as an indented outline for people: empty values are left out, text of several lines is set off. */
export function outline(value: unknown, page: Page, indent = ""): string {
  return lines(value, page, indent).join("\n");
}

function lines(value: unknown, page: Page, indent: string): string[] {
  if (typeof value === "string" && value.includes("\n")) {
    const text = plainBlock(value).trimEnd();
    return text.split("\n").map((line) => indent + line);
  }
  if (Array.isArray(value)) return value.flatMap((item) => itemLines(item, page, indent));
  if (!isRecord(value)) return [indent + scalar(value)];
  return Object.entries(value).flatMap(([key, field]) => fieldLines(key, field, page, indent));
}

function fieldLines(key: string, field: unknown, page: Page, indent: string): string[] {
  if (isEmpty(field)) return [];
  const label = indent + page.style("dim", `${plain(labelOf(key))}:`);
  if (Array.isArray(field) && !field.some(isCompound) && field.join(", ").length < SHORT_LIST) {
    return [`${label} ${field.map(scalar).join(", ")}`];
  }
  return isCompound(field) ? [label, ...lines(field, page, `${indent}  `)] : [`${label} ${scalar(field)}`];
}

function itemLines(item: unknown, page: Page, indent: string): string[] {
  const [first = "", ...rest] = lines(item, page, `${indent}  `);
  return [`${indent}- ${first.trimStart()}`, ...rest];
}

function scalar(value: unknown): string {
  return plain(String(value));
}

function isCompound(value: unknown): boolean {
  return (typeof value === "object" && value !== null) || (typeof value === "string" && value.includes("\n"));
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
