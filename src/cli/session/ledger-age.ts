import type { Berth } from "../../open.ts";
import { shortCommit } from "../text.ts";
import { pageFor } from "../style.ts";
import type { Terminal } from "../terminal.ts";
import { ago } from "../time.ts";

/** How old what was shown is, as a remark: reading verbs do not ask the hub by themselves. */
export function ledgerNote(
  ledger: { readonly commit: string | null; readonly fetchedAt: string | null },
  terminal: Terminal,
): readonly string[] {
  const page = pageFor(terminal.stderr, terminal.env, terminal.now());
  const at = ledger.commit === null ? "" : ` ${shortCommit(ledger.commit)}`;
  const when = ledger.fetchedAt === null ? "" : `, fetched ${ago(ledger.fetchedAt, page.now)}`;
  return [page.style("dim", `ledger${at}${when}`)];
}

/** Asks the hub now, for a verb that has no word for it of its own: every list can. */
export async function refresh(berth: Berth): Promise<void> {
  await berth.list({ fetch: true });
}
