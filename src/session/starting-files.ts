import { FILE } from "../ledger/layout.ts";
import type { ClaimRecord } from "../ledger/claim-record.ts";
import { oneLine } from "../ledger/message.ts";

/** The files that exist from the claim on, as they are before anything was written into them. [ASP-10] */
export function startingFiles(record: ClaimRecord, knowledge: boolean): Record<string, string> {
  const at = record.claimedAt.replace("T", " ").slice(0, 16);
  const worklog = `# Worklog: ${record.session}\n\n## [${at}] Claimed\n\nBy ${oneLine(record.agent)}, epoch ${record.epoch}.\n`;
  if (knowledge) return { [FILE.worklog]: worklog };
  return {
    [FILE.worklog]: worklog,
    [FILE.activePlan]: `# Active plan: ${record.session}\n\n## [${at}] Start\n\n### Current tasks\n\n### Issues\n\n### Next steps\n`,
    [FILE.subsessions]: `# Subsessions: ${record.session}\n`,
  };
}

/** One dated entry, as `log` and `plan` append it. */
export function entry(iso: string, text: string): string {
  const [title = "", ...rest] = text.trim().split("\n");
  const body = rest.join("\n").trim();
  return `\n## [${iso.replace("T", " ").slice(0, 16)}] ${oneLine(title)}\n${body === "" ? "" : `\n${body}\n`}`;
}
