import { type FileText, readBytes } from "../disk/text-file.ts";
import { BerthError, isBerthError } from "../errors.ts";
import { utf8 } from "./utf8.ts";

/** A file of a context as it stands on disk; its text is null where there is none. @throws BerthError INVALID */
export async function readDocument(file: string, shown: string): Promise<FileText> {
  const { bytes, ...was } = await readDocumentBytes(file, shown);
  const text = bytes && utf8(bytes);
  if (bytes !== null && text === null) throw unfit(shown, "is no UTF-8 text");
  return { ...was, text };
}

/** As {@link readDocument}, of a file whose text may be damaged; a link, a folder or a pipe is never read. */
export async function readDocumentBytes(file: string, shown: string): ReturnType<typeof readBytes> {
  try {
    return await readBytes(file, shown, unfit);
  } catch (error) {
    if (isBerthError(error)) throw error;
    throw unfit(shown, `cannot be read (${(error as NodeJS.ErrnoException).code ?? "no reason was given"})`);
  }
}

function unfit(shown: string, why: string): BerthError {
  const isText = why.includes("text");
  return new BerthError("INVALID", `${shown} ${why}.`, {
    hint: isText
      ? "Bring the last whole version back: berth context repair"
      : "It must be a plain file that you may read. Move what is in its place elsewhere; then bring the last version back: berth context repair",
    facts: { path: shown },
  });
}
