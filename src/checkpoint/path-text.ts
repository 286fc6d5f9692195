/**
 * Names of files are bytes. Inside, they are spelled one character a byte; where people and JSON see them, as text. What
 * is not UTF-8 is marked by a NUL, which no name has.
 */
export function textOf(bytes: string): string {
  if (/^[ -~]*$/.test(bytes)) return bytes;
  const raw = Buffer.from(bytes, "latin1");
  const text = raw.toString("utf8");
  return Buffer.from(text, "utf8").equals(raw) ? text : `\0${bytes}`;
}

/** The bytes that `textOf` made a text of. */
export function bytesOf(text: string): string {
  return text.startsWith("\0") ? text.slice(1) : Buffer.from(text, "utf8").toString("latin1");
}

/** A path of the file system. */
export function pathIn(dir: string, bytes: string): Buffer {
  return Buffer.concat([Buffer.from(`${dir}/`), Buffer.from(bytes, "latin1")]);
}

/** Every folder above a path, the nearest first. */
export function above(path: string): string[] {
  const found: string[] = [];
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) found.push(path.slice(0, at));
  return found;
}
