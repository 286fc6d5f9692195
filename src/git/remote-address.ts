import { realpath } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Git, text } from "./run.ts";

/** Where a remote is read and where it is written, after the user's `insteadOf` settings. */
export interface RemoteAddress {
  /** As another checkout can use it: a path is absolute. */
  readonly fetch: string;
  readonly push: string;
  /** Its real folder, when it is on this machine. */
  readonly local: string | null;
  /** Why what is pushed there is not what others read there; null when it is. */
  readonly split: string | null;
}

/** @param known its one address for both, where the caller knows that no setting says otherwise */
export async function remoteAddress(git: Git, remote: string, known: string | null = null): Promise<RemoteAddress> {
  const [read, write] =
    known === null
      ? await Promise.all([
          text(git, ["remote", "get-url", "--", remote]),
          text(git, ["remote", "get-url", "--push", "--all", "--", remote]),
        ])
      : [known, known];
  const fetch = absolute(git.dir, read);
  const [push = fetch, ...more] = write.split("\n").map((url) => absolute(git.dir, url));
  const local = await folderOf(push);
  const same =
    push === fetch || placeOf(push) === placeOf(fetch) || (local !== null && local === (await folderOf(fetch)));
  const hide = (url: string): string => url.replace(/^([a-z+]+:\/\/)[^@/]*@/, "$1");
  if (more.length > 0) return { fetch, push, local, split: `${remote} is pushed to ${more.length + 1} addresses` };
  return {
    fetch,
    push,
    local,
    split: same ? null : `${remote} is read from ${hide(fetch)} and pushed to ${hide(push)}`,
  };
}

/** git reads a path as seen from the top of the checkout. */
function absolute(dir: string, url: string): string {
  return isAbsolute(url) || /^[^/]*:/.test(url) ? url : resolve(dir, url);
}

/** One repository has one place under several protocols: `https://host/a/b` and `git@host:a/b.git`. */
function placeOf(url: string): string {
  return url
    .replace(/^[a-z+]+:\/\//, "")
    .replace(/^[^@/]*@/, "")
    .replace(/^([^:/]+):(?:\d+(?=\/))?\/?/, "$1/")
    .replace(/(?:\.git)?\/*$/, "");
}

async function folderOf(url: string): Promise<string | null> {
  try {
    return await realpath(url.startsWith("file:") ? fileURLToPath(url) : url);
  } catch {
    return null;
  }
}
