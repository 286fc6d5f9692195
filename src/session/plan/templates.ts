import { readFileAt, type LedgerTip } from "../../ledger/tip.ts";
import { bundledTemplate, renderTemplate, templateNames, type TemplateKind } from "../../ledger/template.ts";
import type { Project } from "../../project.ts";

/**
 * Renders the team's template of this kind, from `_templates/` of the ledger, found with and without `.j2`.
 * @returns null when the ledger's template is the one that comes with Berth, or there is none
 */
export async function renderSessionTemplate(
  project: Project,
  tip: LedgerTip,
  kind: TemplateKind,
  variables: Readonly<Record<string, unknown>>,
): Promise<string | null> {
  const found = await findTemplate(project, tip, kind);
  if (!found || found.text === (await bundledTemplate(kind))) return null;
  return renderTemplate(found.text, variables, found.path);
}

/** Like `renderSessionTemplate`, falling back to the template that comes with Berth. */
export async function renderAnyTemplate(
  project: Project,
  tip: LedgerTip,
  kind: TemplateKind,
  variables: Readonly<Record<string, unknown>>,
): Promise<string> {
  const found = await findTemplate(project, tip, kind);
  return renderTemplate(
    found?.text ?? (await bundledTemplate(kind)),
    variables,
    found?.path ?? `_templates/${templateNames(kind)[0]}`,
  );
}

async function findTemplate(
  project: Project,
  tip: LedgerTip,
  kind: TemplateKind,
): Promise<{ text: string; path: string } | null> {
  for (const name of templateNames(kind)) {
    const path = `_templates/${name}`;
    const text = await readFileAt(project, tip.tree, path);
    if (text !== null) return { text, path };
  }
  return null;
}
