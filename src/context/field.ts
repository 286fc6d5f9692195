/** The sections of a context, in their order, with the keys of each. [CTX-02] to [CTX-09], origins A1 */
export const SECTIONS: readonly { readonly heading: string; readonly keys: readonly string[] }[] = [
  {
    heading: "Session Metadata",
    keys: ["session_id", "started_at", "last_updated", "operator", "assistant", "status"],
  },
  { heading: "Current Work", keys: ["mode", "phase", "agent", "task", "branch"] },
  { heading: "Task Context", keys: ["parent_crd", "parent_prd", "project"] },
  { heading: "Work Progress", keys: ["todos"] },
  { heading: "Artifacts", keys: ["created_files", "modified_files", "dependencies"] },
  { heading: "Session Notes", keys: ["decisions", "blockers", "next_steps", "handoff_requirements"] },
  {
    heading: "Git Context",
    keys: ["repository", "current_branch", "working_directory", "uncommitted_changes", "last_commit"],
  },
  { heading: "Tool Access", keys: ["allowed_tools", "restricted_tools"] },
];
