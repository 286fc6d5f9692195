import type { Json } from "../../src/document/json.ts";

/** How large a document is: areas, items in each, and the characters of an item's notes. */
export interface Size {
  readonly name: string;
  readonly areas: number;
  readonly items: number;
  readonly notes: number;
}

export const SMALL: Size = { name: "15 kB", areas: 5, items: 10, notes: 200 };
export const LARGE: Size = { name: "10 MB", areas: 100, items: 100, notes: 850 };

interface Document {
  readonly areas: Readonly<Record<string, Readonly<Record<string, Json>>>>;
}

/** A document as agents keep it: what is known of each part of the work, by area. */
export function documentOf(size: Size): Json {
  const areas: Record<string, Record<string, Json>> = {};
  for (let area = 0; area < size.areas; area++) {
    const items: Record<string, Json> = {};
    for (let item = 0; item < size.items; item++) items[`item-${item}`] = itemOf(size, area, item);
    areas[`area-${area}`] = items;
  }
  return { areas };
}

function itemOf(size: Size, area: number, item: number): Json {
  const word = `The part ${area}.${item} reads what the one before it wrote. `;
  return {
    title: `Part ${area}.${item}`,
    owners: ["frontend", "backend"],
    notes: word.repeat(Math.ceil(size.notes / word.length)).slice(0, size.notes),
    state: { step: 0, done: false },
  };
}

/** The place in the document that an agent keeps up; one of its own as long as there are as many items. */
export function agentPath(size: Size, number: number): string {
  return `areas.area-${number % size.areas}.item-${Math.floor(number / size.areas) % size.items}`;
}

/**
 * The same document with a hundredth of its items changed, as a caller would hand it in: no part of it is the one of
 * before. @param turn which hundredth
 */
export function changed(size: Size, document: Json, turn: number): Json {
  const copy = JSON.parse(JSON.stringify(document)) as Document;
  const items = size.areas * size.items;
  for (let n = 0; n < items / 100; n++) {
    const at = (n * 100 + turn) % items;
    const item = copy.areas[`area-${Math.floor(at / size.items)}`]?.[`item-${at % size.items}`];
    if (item) Object.assign(item, { state: { step: turn + 1, done: true } });
  }
  return copy as unknown as Json;
}
