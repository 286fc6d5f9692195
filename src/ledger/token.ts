import { randomHex, sha256 } from "../hash.ts";

export function newToken(): string {
  return randomHex(32);
}

/** What the ledger may show of a token. */
export function tokenHash(token: string): string {
  return `sha256:${sha256(token)}`;
}
