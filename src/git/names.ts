import { BerthError } from "../errors.ts";

/** A full object name (40 or 64 hexadecimal digits), checked. */
export type Oid = string & { readonly Oid: unique symbol };

/** A full reference name below `refs/`, checked against git's rules. */
export type RefName = string & { readonly RefName: unique symbol };

/** @throws BerthError INVALID when `text` is not a full object name. */
export function oid(text: string): Oid {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)) {
    throw new BerthError("INVALID", `Not a full object name: ${JSON.stringify(text.slice(0, 80))}.`);
  }
  return text as Oid;
}

/**
 * Checks a full reference name by the rules of git-check-ref-format(1), plus what no reference of ours may hold:
 * control and bidirectional characters, and parts that begin with a dash.
 * @throws BerthError INVALID
 */
export function refName(text: string): RefName {
  const bad =
    !text.startsWith("refs/") ||
    text.length > 240 ||
    /[\p{Cc}\p{Cf}\s~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$/u.test(text) ||
    text.split("/").some((part) => part.startsWith(".") || part.startsWith("-") || part.endsWith(".lock"));
  if (bad) throw new BerthError("INVALID", `Not a usable reference name: ${JSON.stringify(text.slice(0, 80))}.`);
  return text as RefName;
}

/** `refs/heads/<branch>`, checked. */
export function branchRef(branch: string): RefName {
  return refName(`refs/heads/${branch}`);
}

/** Checks the short name of a branch, as it is passed to git commands. */
export function branchName(text: string): string {
  return branchRef(text).slice("refs/heads/".length);
}

/** The all-zero object name git uses for "does not exist", in the length of `like`. */
export function zeroOid(like: Oid): Oid {
  return "0".repeat(like.length) as Oid;
}
