import { usageError } from "../usage-error.ts";
import { refusedValue, typedValue } from "./shown.ts";

/** How a new value is given to a verb. */
export const CHANGE_ARGUMENTS = {
  value: { summary: "JSON, or words as they are", prose: true },
} as const;

export const CHANGE_OPTIONS = {
  add: { type: "text", value: "VALUE", repeatable: true, summary: "Append to the list there" },
  drop: { type: "text", value: "VALUE", repeatable: true, summary: "Take out of the list there" },
  remove: { type: "flag", summary: "Take the key away" },
  text: { type: "flag", summary: "VALUE is text, even where it looks like JSON" },
} as const;

/** What was typed, as a verb takes it. */
interface Change {
  readonly value?: unknown;
  readonly add?: readonly unknown[];
  readonly drop?: readonly unknown[];
}

/**
 * Reads what was typed, and changes that.
 * @throws UsageError unless exactly one way is given
 */
export async function changeTyped<T>(
  typed: {
    readonly value: string | undefined;
    readonly add: readonly string[];
    readonly drop: readonly string[];
    readonly remove: boolean;
    readonly text: boolean;
  },
  example: string,
  change: (to: Change) => Promise<T>,
): Promise<T> {
  const lists = typed.add.length + typed.drop.length > 0;
  if ([typed.value !== undefined, lists, typed.remove].filter(Boolean).length !== 1)
    throw usageError("Give a VALUE, or --add and --drop, or --remove.", `For example: ${example}`);
  const read = (all: readonly string[]): Promise<unknown[]> =>
    Promise.all(all.map((one) => typedValue(one, typed.text)));
  const [values, add, drop] = await Promise.all([
    read(typed.value === undefined ? [] : [typed.value]),
    read(typed.add),
    read(typed.drop),
  ]);
  try {
    return await change({ ...(values.length === 0 ? {} : { value: values[0] }), ...(lists ? { add, drop } : {}) });
  } catch (error) {
    throw refusedValue(error, [...values, ...add]);
  }
}
