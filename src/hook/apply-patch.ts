const LINE = /^\*\*\* (?:Add File|Update File|Delete File|Move to): (.+?)\r?$/gm;

/** The files that a patch in Codex' own form writes: it names them nowhere else. */
export function pathsInPatch(patch: string): string[] {
  return [...new Set([...patch.matchAll(LINE)].map(([, path = ""]) => path.trim()))].filter((path) => path !== "");
}
