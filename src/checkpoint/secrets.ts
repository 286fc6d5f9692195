/** Names of files that hold keys or passwords, by the last part of their path. */
const NAMES: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^\.env(?:\..+)?$|\.env$/i, "its name is that of a file of secrets"],
  [
    /^(?:\.npmrc|\.pypirc|\.netrc|_netrc|\.git-credentials|\.pgpass|\.htpasswd|\.vault-token)$/i,
    "its name is that of a file of passwords",
  ],
  [/^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/, "its name is that of a private key"],
  [/\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk)$/i, "its name is that of a key store"],
  [/^(?:credentials|secrets?)(?:\.(?:json|ya?ml|toml|ini|txt|env))?$/i, "its name is that of a file of secrets"],
  [/^(?:service[-_]?account|client[-_]secret).*\.json$/i, "its name is that of an account's key"],
];

/** Files that show others what to fill in. */
const EXAMPLE = /\.(?:example|sample|template|dist)$/i;

/** What keys look like, by those who give them out. */
const CONTENTS: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/, "it holds a private key"],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, "it holds what looks like an access key of AWS"],
  [/\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{50,}\b/, "it holds what looks like a token of GitHub"],
  [/\bglpat-[A-Za-z0-9_-]{20,}/, "it holds what looks like a token of GitLab"],
  [/\bxox[abeoprs]-[A-Za-z0-9-]{10,}/, "it holds what looks like a token of Slack"],
  [/\bAIza[A-Za-z0-9_-]{35}\b/, "it holds what looks like a key of Google"],
  [/\bsk-(?:[a-z]+-)*[A-Za-z0-9_-]{32,}/, "it holds what looks like a key of a model's API"],
  [/\b[rs]k_live_[A-Za-z0-9]{16,}/, "it holds what looks like a key of Stripe"],
  [/\bnpm_[A-Za-z0-9]{36}\b/, "it holds what looks like a token of npm"],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"'<>{}$]+:[^\s:/@"'<>{}$]{6,}@/i, "it holds an address with a password"],
  [
    /(?:password|passwd|secret|token|api[_-]?key|private[_-]?key)["']?\s*[:=]\s*["'][^\s"'<>{}$]{12,}["']/i,
    "it holds what looks like a password",
  ],
];

/** So much of a file is read: a key stands at its beginning, or in a small one. */
const READ = 1024 * 1024;

/**
 * Why a file looks as if it held a secret, as the end of a sentence; null where it does not. Rather one too many: what
 * is held back stays where it is.
 */
export function looksSecret(path: string, data: Buffer): string | null {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (!EXAMPLE.test(name)) for (const [pattern, why] of NAMES) if (pattern.test(name)) return why;
  const text = data.toString("latin1", 0, READ);
  for (const [pattern, why] of CONTENTS) if (pattern.test(text)) return why;
  return null;
}
