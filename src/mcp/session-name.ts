import { BerthError } from "../errors.ts";
import type { Seat } from "./seat.ts";

/**
 * The session that is meant by an id, or by a part of one: a model that has to repeat a long id gets it wrong now and then.
 * @throws BerthError INVALID where several have that part; what is no part of any is left to the verb
 */
export async function sessionOf({ home }: Pick<Seat, "home">, given: string): Promise<string> {
  if (/^\d{4}-\d{2}-\d{2}-/.test(given)) return given;
  const { sessions } = await home.list({});
  const meant = sessions.map(({ id }) => id).filter((id) => id === given || id.includes(given));
  if (meant.includes(given)) return given;
  const [only, second] = meant;
  if (only !== undefined && second === undefined) return only;
  if (second === undefined) return given;
  throw new BerthError("INVALID", `${JSON.stringify(given)} is part of the ids of ${meant.length} sessions.`, {
    hint: `Name one of: ${meant.slice(0, 10).join(", ")}`,
    facts: { sessions: meant.slice(0, 50) },
  });
}
