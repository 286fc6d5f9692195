import { Transform, type TransformCallback } from "node:stream";

/** As much of the begin and of the end of a line as an id is looked for in. */
const EDGE = 1024;
const NEWLINE = Buffer.from("\n");

interface Listener {
  /** Told of each line that is passed on. */
  readonly line: (line: Buffer) => void;
  /** Told of each that is not, with the id of the request in it as far as that can be read. */
  readonly refuse: (id: string | number | null) => void;
}

/** Passes lines on, except those that are longer than `most` bytes: of them nothing is kept, and the server goes on. */
export function boundedLines(most: number, { line, refuse }: Listener): Transform {
  let parts: Buffer[] = [];
  let size = 0;
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  const add = (part: Buffer): void => {
    size += part.length;
    if (head.length < EDGE) head = Buffer.concat([head, part.subarray(0, EDGE - head.length)]);
    tail = Buffer.concat([tail, part.subarray(-EDGE)]).subarray(-EDGE);
    if (size <= most) parts.push(part);
    else parts = [];
  };
  const end = (through: Transform): void => {
    if (size <= most) {
      const whole = Buffer.concat([...parts, NEWLINE]);
      line(whole);
      through.push(whole);
    } else refuse(idIn(head.toString("utf8"), tail.toString("utf8")));
    [parts, size, head, tail] = [[], 0, Buffer.alloc(0), Buffer.alloc(0)];
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        add(chunk.subarray(from, at));
        end(this);
        from = at + 1;
      }
      add(chunk.subarray(from));
      done();
    },
  });
}

/** Clients write the id as the last field of a request, or before its parameters. */
function idIn(head: string, tail: string): string | number | null {
  const found =
    /"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+)\s*\}\s*$/.exec(tail) ??
    /^\{[^{]*?"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+)/.exec(head);
  try {
    return JSON.parse(found?.[1] ?? "null") as string | number | null;
  } catch {
    return null;
  }
}
