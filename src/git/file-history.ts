import { type Oid, oid } from "./names.ts";
import { type Git, run } from "./run.ts";
import type { Identity } from "./write.ts";

/** One commit that changed a file. */
export interface FileCommit {
  readonly commit: Oid;
  readonly author: Identity;
  /** Unix seconds of the author. */
  readonly seconds: number;
  readonly subject: string;
  /** What the file was called there. */
  readonly path: string;
  /** Its text before and after; null where there was none. */
  readonly before: Oid | null;
  readonly after: Oid | null;
}

const FORMAT = "%x01%H%x00%an%x00%ae%x00%at%x00%s%x00";

/** The commits that changed a file, the newest first, also under its older names. */
export async function fileHistory(
  git: Git,
  path: string,
  options: { readonly limit?: number } = {},
): Promise<FileCommit[]> {
  const args = ["log", "--follow", "-z", "--raw", "--no-abbrev", "--no-show-signature", "--encoding=UTF-8"];
  if (options.limit !== undefined) args.push(`--max-count=${options.limit}`);
  // Without a commit there is no history.
  const { stdout } = await run(git, [...args, `--format=${FORMAT}`, "HEAD", "--", path], {
    accept: [128],
    env: { GIT_LITERAL_PATHSPECS: "1" },
  });
  return stdout
    .toString("utf8")
    .split("\x01")
    .slice(1)
    .flatMap((entry) => {
      const [commit = "", name = "", email = "", seconds = "", subject = "", ...raw] = entry.split("\0");
      // Behind the change stand the old name, where there is one, and the name.
      const at = raw.findIndex((piece) => piece.trimStart().startsWith(":"));
      const [, , before = "", after = ""] = (raw[at] ?? "").trim().split(" ");
      const named = raw.slice(at + 1).filter((piece) => piece !== "");
      if (at < 0 || named.length === 0 || !/^[0-9a-f]+$/.test(commit)) return [];
      return {
        commit: oid(commit),
        author: { name, email },
        seconds: Number(seconds),
        subject,
        path: named.at(-1) ?? path,
        before: objectOf(before),
        after: objectOf(after),
      };
    });
}

function objectOf(text: string): Oid | null {
  return /^0+$/.test(text) ? null : oid(text);
}
