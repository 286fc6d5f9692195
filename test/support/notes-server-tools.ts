import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type CallToolResult, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

/** What a server of notes does wrong, as the file `mode` in its folder says: read anew at each call. */
export type NotesMode =
  | "well"
  | "hang"
  | "slow"
  | "guidance"
  | "nonsense"
  | "blind"
  | "error"
  | "exit-before"
  | "exit-after"
  | "no-tools";

type Answer = Readonly<Record<string, unknown>> | string;

/** The tools of basic-memory, as far as notes need them, with its odd sides: over files in one folder. */
export function notesServer(home: string): McpServer {
  const server = new McpServer({ name: "notes", version: "1" });
  const tool = (
    name: string,
    fields: Readonly<Record<string, z.ZodType>>,
    work: (input: Readonly<Record<string, unknown>>) => Answer,
  ): void => {
    if (modeOf(home) === "no-tools" && name !== "read_note") return;
    const inputSchema = z.strictObject({ ...fields, output_format: z.enum(["text", "json"]).default("text") });
    server.registerTool(name, { inputSchema }, async (input) => misdo(home, name, () => work(input)));
  };
  const text = z.string();
  const project = text.optional();
  tool("list_memory_projects", {}, () => ({
    projects: Object.entries(projects(home)).map(([name, path]) => ({ name, path, local_path: path })),
    default_project: "main",
  }));
  tool("create_memory_project", { project_name: text, project_path: text }, (input) => {
    const [name, path] = [String(input["project_name"]), String(input["project_path"])];
    mkdirSync(path, { recursive: true });
    writeWhole(join(home, "projects.json"), JSON.stringify({ ...projects(home), [name]: path }));
    return { name, path, created: true };
  });
  const place = (input: Readonly<Record<string, unknown>>): string => {
    const path = projects(home)[String(input["project"])];
    if (path === undefined) throw new Error("Cloud routing requested but no credentials found.");
    return path;
  };
  const written = { title: text, content: text, directory: text, project, overwrite: z.boolean().optional() };
  tool("write_note", written, (input) => write(place(input), input));
  tool("read_note", { identifier: text, project, include_frontmatter: z.boolean().default(false) }, (input) => {
    const [top, identifier] = [place(input), String(input["identifier"])];
    const file = find(top, identifier);
    if (input["output_format"] !== "json") return `# Note Not Found: "${identifier}"`;
    if (file === null) return { title: null, permalink: null, file_path: null, content: null, frontmatter: null };
    const whole = readFileSync(join(top, file), "utf8");
    const content = input["include_frontmatter"] === true ? whole : whole.replace(/^---\n[^]*?\n---\n/, "");
    return { title: titleOf(file), permalink: permalinkOf(file), file_path: file, content, frontmatter: {} };
  });
  tool("delete_note", { identifier: text, project }, (input) => {
    const file = find(place(input), String(input["identifier"]));
    if (file === null) return { deleted: false, title: null, permalink: null, file_path: null };
    rmSync(join(place(input), file));
    return { deleted: true, title: titleOf(file), permalink: permalinkOf(file), file_path: file };
  });
  const paged = {
    depth: z.number().max(10).default(1),
    page: z.number().default(1),
    page_size: z.number().max(200).default(10),
  };
  tool("list_directory", { dir_name: text.default("/"), project, ...paged }, (input) => list(place(input), input));
  return server;
}

export function modeOf(home: string): NotesMode {
  const file = join(home, "mode");
  return existsSync(file) ? (readFileSync(file, "utf8") as NotesMode) : "well";
}

async function misdo(home: string, name: string, work: () => Answer): Promise<CallToolResult> {
  const mode = modeOf(home);
  if (mode === "hang") await new Promise(() => undefined);
  // Longer than a test lets a call take.
  if (mode === "slow") await new Promise((resolve) => setTimeout(resolve, 2000));
  if (mode === "exit-before") process.exit(1);
  if (mode === "error") throw new Error("database is locked");
  if (mode === "guidance") return said("# Note Not Found\n\nI couldn't find any notes matching it.");
  if (mode === "nonsense") return said({ surprise: 42 });
  if (mode === "blind" && name === "read_note") return said({ file_path: null, content: null });
  if (mode === "blind" && name === "list_directory") return said({ nodes: [], total: 0, has_more: false });
  const answer = work();
  if (mode === "exit-after") process.exit(1);
  return said(answer);
}

function said(answer: Answer): CallToolResult {
  const text = typeof answer === "string" ? answer : JSON.stringify(answer);
  return { content: [{ type: "text", text }], structuredContent: { result: answer } };
}

function projects(home: string): Record<string, string> {
  const file = join(home, "projects.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, string>) : {};
}

/** Several servers work on one folder, and none reads what another has half written: so does basic-memory. */
function writeWhole(path: string, text: string): void {
  const beside = `${path}.${process.pid}.tmp`;
  writeFileSync(beside, text);
  renameSync(beside, path);
}

function write(top: string, input: Readonly<Record<string, unknown>>): Answer {
  const title = String(input["title"]);
  const name = title
    .replaceAll(/[/\\<>:"|?*]/g, "-")
    .replaceAll(/-+/g, "-")
    .replaceAll(/^[.-]+|[.-]+$/g, "");
  const directory = String(input["directory"])
    .replaceAll(/[^\p{L}\p{N}./ _-]/gu, "")
    .replaceAll(/^\/|\/$/g, "");
  const file = directory === "" ? `${name}.md` : `${directory}/${name}.md`;
  const path = join(top, file);
  const known = existsSync(path);
  // A name that is like another one's counts as that one.
  const alike = filesOf(top).some((one) => one !== file && permalinkOf(one) === permalinkOf(file));
  if ((known && input["overwrite"] !== true) || (!known && alike))
    return { title, permalink: permalinkOf(file), file_path: null, action: "conflict", error: "NOTE_ALREADY_EXISTS" };
  // Front matter in a text becomes the note's.
  const body = String(input["content"]).replace(/^\s*---\n[^]*?\n---\n\s*/, "");
  mkdirSync(dirname(path), { recursive: true });
  const front = `---\ntitle: ${JSON.stringify(title)}\ntype: note\npermalink: ${permalinkOf(file)}\n---\n`;
  writeWhole(path, body === "" ? front : `${front}\n${body}`);
  return {
    title,
    permalink: permalinkOf(file),
    file_path: file,
    checksum: null,
    action: known ? "updated" : "created",
  };
}

/** By its file, by its permalink, by its title: names that are alike lead to the first of them. */
function find(top: string, identifier: string): string | null {
  const files = filesOf(top);
  const alike = permalinkOf(identifier.endsWith(".md") ? identifier : `${identifier}.md`);
  const byFile = files.find((file) => file === identifier);
  return byFile ?? files.find((file) => permalinkOf(file) === alike || titleOf(file) === identifier) ?? null;
}

function list(top: string, input: Readonly<Record<string, unknown>>): Answer {
  const dir = String(input["dir_name"]).replaceAll(/^\/|\/$/g, "");
  const below = dir === "" ? "" : `${dir}/`;
  const inside = filesOf(top).filter((file) => file.startsWith(below));
  const deep = (path: string): number => path.slice(below.length).split("/").length;
  const folders = new Set(
    inside.flatMap((file) => {
      const names = file.split("/").slice(0, -1);
      return names.map((_, i) => names.slice(0, i + 1).join("/")).filter((one) => one.length >= below.length);
    }),
  );
  const nodes = [
    ...[...folders].map((path) => ({ type: "directory", directory_path: `/${path}`, file_path: null })),
    ...inside.map((file) => ({ type: "file", file_path: file, permalink: permalinkOf(file), updated_at: null })),
  ].filter((node) => deep(node.file_path ?? node.directory_path.slice(1)) <= Number(input["depth"]));
  const [page, size] = [Number(input["page"]), Number(input["page_size"])];
  const end = page * size;
  return { nodes: nodes.slice(end - size, end), page, total: nodes.length, has_more: nodes.length > end };
}

function filesOf(top: string): string[] {
  if (!existsSync(top)) return [];
  return readdirSync(top, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .toSorted();
}

function titleOf(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1, -".md".length);
}

function permalinkOf(file: string): string {
  return file
    .slice(0, -".md".length)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}/]+/gu, "-");
}
