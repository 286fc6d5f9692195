import { z } from "zod";
import { BerthError } from "./errors.ts";
import type { BrainSettings } from "./brain-settings.ts";
import { brainSettings } from "./schema-brain.ts";
import type { CheckpointSettings, PushSettings } from "./keep-settings.ts";
import { checkpointSettings, pushSettings } from "./schema-keep.ts";
import { branch, line, pattern, relativePath, within, word } from "./schema-words.ts";

const kilobytes = z.number().int().min(1).max(10_000_000);

/** The shape of `.berth/config.yaml`; every key has a default. */
const configSchema = z.strictObject({
  project: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{2,80}$/)
    .optional()
    .describe("Identity of the project in stores that serve several"),
  remote: z
    .union([z.literal(false), z.string().regex(/^[A-Za-z0-9][\w./-]{0,60}$/)])
    .optional()
    .describe("The remote that is the hub; false: this repository. Default: origin where there is one"),
  base: branch.default("main").describe("The branch work lands on"),
  ledger: z
    .strictObject({
      branch: branch.default("berth/ledger").describe("The branch whose tree is the sessions folder"),
      path: relativePath.default("_AGENTS/sessions").describe("Where the ledger is shown in the main checkout"),
      visible: z
        .number()
        .int()
        .min(0)
        .max(100_000)
        .default(300)
        .describe("With more finished sessions than this, completed/ and abandoned/ are left out of that folder"),
    })
    .prefault({}),
  workspace: z
    .strictObject({
      kind: z.enum(["worktree", "clone"]).default("worktree"),
      worktrees: relativePath.default(".worktrees"),
      clones: relativePath.default(".sessions"),
      setup: z.string().max(4000).default("").describe("Shell command that makes a new workspace ready to run"),
      copy: z.array(pattern).default([]).describe("Ignored files to copy, as .worktreeinclude (gitignore syntax)"),
      link: z.array(pattern).default([]).describe("Ignored files and folders to link instead of copying"),
      disposable: z.array(pattern).default([]).describe("Ignored files that a removal may delete (gitignore syntax)"),
      ports: z
        .strictObject({
          from: z.number().int().min(1024).max(65_000).default(20_000),
          size: z.number().int().min(1).max(1000).default(20),
        })
        .prefault({}),
    })
    .prefault({}),
  landing: z
    .strictObject({
      verify: z.string().max(4000).default("").describe("Shell command that must pass on exactly the tree that lands"),
      place: z.number().int().min(10).max(86_400).default(600).describe("Seconds a place in the landing queue lasts"),
    })
    .prefault({}),
  knowledge: relativePath.default("_AGENTS/knowledge").describe("Folder of canonical knowledge on the base branch"),
  context: z
    .strictObject({
      layout: z
        .enum(["sessions", "central"])
        .default("sessions")
        .describe(
          "Where a claim keeps its context: in its workspace's .session/, or in one file. One that works a ticket keeps it in the ticket's folder",
        ),
      branch: z
        .enum(["session", "phase"])
        .default("session")
        .describe("The branch of a session that works a ticket: its own, session/ID, or the ticket's, phase/TICKET"),
      central: relativePath.default("docs/session-context").describe("Folder of the central context"),
      tickets: relativePath.default("tickets").describe("Folder of the tickets"),
      modes: z
        .record(word, z.strictObject({ tools: z.array(pattern).default([]), owners: z.array(word).default([]) }))
        .optional()
        .describe("Ways of working, with their tools and owners; replaces the nine that there are by default"),
      phases: z
        .record(
          word,
          z.strictObject({
            mode: word,
            owner: word,
            next: word.nullable().default(null),
            artifacts: z.array(relativePath).default([]),
          }),
        )
        .optional()
        .describe("Steps of the way, each with mode, owner, next one and artifacts; replaces the default ones"),
      agents: z.array(word).min(1).optional().describe("Roles of those who work; replaces the default ones"),
      start: z
        .strictObject({
          mode: word.default("build"),
          phase: word.default("enablement"),
          agent: word.default("conductor"),
        })
        .prefault({})
        .describe("What a context begins with where nothing else says it"),
      commits: z
        .string()
        .max(500)
        .refine((text) => isPattern(text), { message: "must be a regular expression" })
        .default("")
        .describe(
          "What first lines of commit messages must match where `context hooks` are installed; empty: anything",
        ),
      keep: z
        .number()
        .int()
        .min(5)
        .max(10_000)
        .default(50)
        .describe("Entries that each list of a context keeps; older ones go to the archive beside it"),
      limits: z
        .strictObject({
          artifact: kilobytes.default(500).describe("What a file of a ticket's artifacts/ may have"),
          blob: kilobytes.default(5120).describe("What any new file may have that is not in Git LFS"),
          warn: kilobytes.default(1024).describe("From where on a new file is warned of"),
        })
        .prefault({})
        .describe("Sizes of files in KB (1,024 bytes)"),
    })
    .prefault({}),
  store: z
    .strictObject({
      path: line.default("").describe("Folder of the live store; empty: in git's common directory"),
      url: z
        .string()
        .max(2000)
        .regex(/^(?:postgres(?:ql)?:\/\/.+)?$/, "must begin with postgres://")
        .default("")
        .describe("PostgreSQL for agents of several machines; BERTH_DATABASE_URL goes before it"),
      keep: z
        .number()
        .int()
        .min(1)
        .max(36_500)
        .default(30)
        .describe("Days that events, read messages, decided conflicts and finished tasks are kept"),
    })
    .prefault({}),
  live: z
    .strictObject({
      suspect: z
        .number()
        .int()
        .min(5)
        .max(86_400)
        .default(120)
        .describe("Seconds of silence after which an agent is suspect"),
      beat: z
        .number()
        .int()
        .min(1)
        .max(3600)
        .default(30)
        .describe("Seconds between the signs of life that a verb gives while it runs"),
      critical: z
        .array(pattern)
        .default([])
        .describe("Files whose every concurrent change is a conflict for `save`, as paths, folders or globs"),
      lock: z.number().int().min(1).max(86_400).default(1800).describe("Seconds a lock lasts unless it says otherwise"),
    })
    .prefault({}),
  shared: z
    .strictObject({
      policies: z
        .record(z.string().min(1).max(300), z.enum(["three-way", "union", "maximum", "last-write", "manual"]))
        .default({})
        .describe(
          "How concurrent writes of a key are merged, by pattern of its key path; the last that matches counts",
        ),
    })
    .prefault({}),
  brain: brainSettings,
  checkpoint: checkpointSettings,
  push: pushSettings,
});

const checkedSchema = configSchema.superRefine(requireApart);

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

/** No folder of the settings may lie in another one, and no branch may stand for two things. */
function requireApart(config: z.output<typeof configSchema>, context: z.RefinementCtx): void {
  const { ledger, workspace, knowledge, base } = config;
  const asked = config.context;
  const folders: [string, string[]][] = [
    [ledger.path, ["ledger", "path"]],
    [workspace.worktrees, ["workspace", "worktrees"]],
    [workspace.clones, ["workspace", "clones"]],
    [knowledge, ["knowledge"]],
    [asked.central, ["context", "central"]],
    [asked.tickets, ["context", "tickets"]],
  ];
  for (const [i, [folder, path]] of folders.entries()) {
    for (const [other, where] of folders.slice(0, i)) {
      if (folder !== "" && other !== "" && (within(folder, other) || within(other, folder)))
        context.addIssue({ code: "custom", path, message: `overlaps ${where.join(".")} (${other})` });
    }
  }
  if (within(base, ledger.branch) || within(ledger.branch, base))
    context.addIssue({
      code: "custom",
      path: ["ledger", "branch"],
      message: base === ledger.branch ? "must not be the base branch" : `git cannot have it beside base (${base})`,
    });
}

/** How concurrent writes of a key of the shared context are merged. */
type Policy = "three-way" | "union" | "maximum" | "last-write" | "manual";

/** Settings with every default filled in. */
export interface Config {
  readonly project?: string | undefined;
  readonly remote?: string | false | undefined;
  readonly base: string;
  readonly ledger: { readonly branch: string; readonly path: string; readonly visible: number };
  readonly workspace: {
    readonly kind: "worktree" | "clone";
    readonly worktrees: string;
    readonly clones: string;
    readonly setup: string;
    readonly copy: readonly string[];
    readonly link: readonly string[];
    readonly disposable: readonly string[];
    readonly ports: { readonly from: number; readonly size: number };
  };
  readonly landing: { readonly verify: string; readonly place: number };
  readonly knowledge: string;
  readonly context: {
    readonly layout: "sessions" | "central";
    readonly branch: "session" | "phase";
    readonly central: string;
    readonly tickets: string;
    readonly modes?:
      | Readonly<Record<string, { readonly tools: readonly string[]; readonly owners: readonly string[] }>>
      | undefined;
    readonly phases?:
      | Readonly<
          Record<
            string,
            {
              readonly mode: string;
              readonly owner: string;
              readonly next: string | null;
              readonly artifacts: readonly string[];
            }
          >
        >
      | undefined;
    readonly agents?: readonly string[] | undefined;
    readonly start: { readonly mode: string; readonly phase: string; readonly agent: string };
    readonly commits: string;
    readonly keep: number;
    readonly limits: { readonly artifact: number; readonly blob: number; readonly warn: number };
  };
  readonly store: { readonly path: string; readonly url: string; readonly keep: number };
  readonly live: {
    readonly suspect: number;
    readonly beat: number;
    readonly lock: number;
    readonly critical: readonly string[];
  };
  readonly shared: { readonly policies: Readonly<Record<string, Policy>> };
  readonly brain: BrainSettings;
  readonly checkpoint: CheckpointSettings;
  readonly push: PushSettings;
}

/** The settings as JSON Schema, for editors. */
export function settingsSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, { io: "input" });
}

/**
 * Checks settings and fills in defaults.
 * @param value what the YAML file held; null for an empty one
 * @throws BerthError INVALID naming each wrong key, what was expected, and the file
 */
export function parseConfig(value: unknown, file: string): Config {
  const parsed = checkedSchema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "(top)"}: ${issue.message}`);
  throw new BerthError("INVALID", `${file} is not usable: ${problems.join("; ")}.`, {
    hint: "Correct the keys named here; `berth config` prints all of them with their defaults.",
    facts: { file, problems },
  });
}
