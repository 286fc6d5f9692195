/** Where a session's learnings are, relative to the top of a checkout. */
export function learningsPath(knowledge: string, id: string): string {
  return `${knowledge}/sessions/${id}/learnings.md`;
}

/** What learnings are about: their first line that says something, without Markdown's signs. */
export function topicOf(learnings: string): string {
  const said = learnings.split("\n").map((line) => line.replace(/^[#>*\-\s]*(?:\[[^\]]*\])?\s*/, "").trim());
  return said.find((line) => line !== "" && !/^learnings\b/i.test(line)) ?? "learnings";
}

/** The learnings with one more note. */
export function withNote(text: string | null, id: string, at: string, note: string): string {
  const blank = text === null || text.trim() === "";
  const start = blank ? `# Learnings: ${id}\n` : text.endsWith("\n") ? text : `${text}\n`;
  return `${start}\n- [${at.slice(0, 10)}] ${note.trim().replaceAll("\n", "\n  ")}\n`;
}
