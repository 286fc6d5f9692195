import { yamlBelow } from "../document/code-blocks.ts";
import { parseFrontMatter, setFields } from "../document/front-matter.ts";
import { BerthError } from "../errors.ts";
import { SECTIONS } from "./field.ts";
import { readContext } from "./read.ts";

/**
 * Changes keys of a context that has a block of YAML below each heading; a new key goes to the block of its section.
 * @throws BerthError INVALID where that section has no block
 */
export function setFenced(text: string, changes: Readonly<Record<string, unknown>>, file: string): string {
  let result = text;
  for (const [key, value] of Object.entries(changes)) result = setOne(result, key, value, file);
  return result;
}

function setOne(text: string, key: string, value: unknown, file: string): string {
  const { data } = readContext(text, file);
  if (value === undefined && !Object.hasOwn(data, key)) return text;
  const headings = SECTIONS.filter((section) => Object.hasOwn(data, key) || section.keys.includes(key)).map(
    (section) => section.heading,
  );
  for (const heading of headings) {
    const block = yamlBelow(text, heading);
    if (!block) continue;
    const fenced = `---\n${block.text}---\n`;
    const changed = setFields(fenced, { [key]: value }, file).slice(4, -4);
    const isHere = Object.hasOwn(parseFrontMatter(fenced, file).data, key);
    if (Object.hasOwn(data, key) && !isHere) continue;
    const lines = text.split(/(?<=\n)/);
    const count = block.text.split("\n").length - 1;
    return [...lines.slice(0, block.line - 1), changed, ...lines.slice(block.line - 1 + count)].join("");
  }
  throw new BerthError("INVALID", `${file} has no block for ${key}.`, {
    hint: "Take it over as front matter, which has room for every key: berth migrate --to LAYOUT --dry-run",
    facts: { file, key },
  });
}
