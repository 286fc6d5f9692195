import { CONTEXT_FILE } from "../../context/locate.ts";
import { SESSION_DIR } from "../../ledger/layout.ts";
import type { Project } from "../../project.ts";

/** Whether a path of a checkout is one of a context. */
export function isContext({ config }: Pick<Project, "config">, path: string): boolean {
  const { central, tickets } = config.context;
  if (path === `${SESSION_DIR}/${CONTEXT_FILE}` || path === `${central}/${CONTEXT_FILE}`) return true;
  return path.startsWith(`${tickets}/`) && path.endsWith(`/${CONTEXT_FILE}`);
}
