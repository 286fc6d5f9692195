import { BerthError } from "../errors.ts";

const form =
  /^(?<scheme>postgres(?:ql)?:\/\/)(?:(?<user>[^:@/?#]*)(?::[^@/?#]*)?@)?(?<hosts>[^@/?#]*)(?<base>\/[^@/?#]*)?(?:\?[^@#]*)?$/;

/** Whether a store's place is a database server's. */
export function isPostgresUrl(place: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(place);
}

/**
 * A database's URL as people may see it: without password and settings.
 * @throws BerthError INVALID, without the URL: what cannot be taken apart may have its password anywhere
 */
export function shownUrl(url: string): string {
  const { scheme = "", user, hosts = "", base = "" } = form.exec(url)?.groups ?? {};
  if (scheme === "" || !isUrl(url.replace(/,[^/?]*/, "")))
    throw new BerthError("INVALID", "The database's URL cannot be read.", {
      hint: "Write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with the signs :/?#@ in a password as %3A %2F %3F %23 %40.",
    });
  return `${scheme}${user ? `${user}@` : ""}${hosts}${base}`;
}

function isUrl(url: string): boolean {
  // The driver takes the parts out of their percent signs, and would say so in its own words.
  return URL.canParse(url) && !/%(?![0-9a-f]{2})/i.test(url);
}
