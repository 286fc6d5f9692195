import { BerthError } from "../../errors.ts";
import type { Verbs } from "../../verbs.ts";
import { oneLine } from "../one-line.ts";
import { type NotesInput, notesInput, notesOutput } from "../schema-notes.ts";
import { placeOf } from "../seat.ts";
import { sessionOf } from "../session-name.ts";
import { type Answer, defineTool, type Tool } from "../tool.ts";

export const notesTool: Tool = defineTool({
  name: "notes",
  title: "Notes and knowledge",
  description:
    "Read, write, list, search or delete notes of this project; learn: keep something found out in this session for the team's knowledge.",
  input: notesInput,
  output: notesOutput,
  reads: false,
  repeatable: true,
  run: async (input, { seat, at }) => {
    const session = input.session === undefined ? undefined : await sessionOf(seat, input.session);
    return ACTIONS[input.action](at(await placeOf(seat, session)), { ...input, session });
  },
});

const ACTIONS: Readonly<Record<NotesInput["action"], (verbs: Verbs, input: NotesInput) => Promise<Answer>>> = {
  read: async (verbs, input) => {
    const { note } = await verbs.noteRead({ path: needed(input, "path") });
    return { data: { note }, text: note === null ? "There is no such note." : note.text };
  },
  write: async (verbs, input) => {
    const { expected } = input;
    const { note } = await verbs.noteWrite({ path: needed(input, "path"), text: needed(input, "text"), expected });
    return { data: { note }, text: `${note.path} is written, with checksum ${note.checksum}.` };
  },
  list: async (verbs, { path }) => {
    const { notes, place } = await verbs.noteList({ pattern: path });
    return { data: { notes, place }, text: notes.map((one) => oneLine(one)).join("\n") || "There are no such notes." };
  },
  search: async (verbs, input) => {
    const { hits } = await verbs.noteSearch({ text: needed(input, "text") });
    const lines = hits.map(({ path, line, text }) => `${oneLine(path)}:${line}: ${oneLine(text, 120)}`);
    return { data: { hits }, text: lines.join("\n") || "No note has it." };
  },
  delete: async (verbs, input) => {
    const expected = input.expected ?? undefined;
    const { deleted } = await verbs.noteDelete({ path: needed(input, "path"), expected });
    return { data: { deleted }, text: deleted ? "It is gone; what it said is among its versions." : "There was none." };
  },
  learn: async (verbs, input) => {
    const { entry, warnings } = await verbs.learn({ text: needed(input, "text"), session: input.session });
    return {
      data: { entry, warnings },
      text: [`Kept in ${entry.file}.`, ...warnings.map((w) => oneLine(w))].join("\n"),
    };
  },
};

function needed(input: NotesInput, field: "path" | "text"): string {
  const value = input[field];
  if (value !== undefined) return value;
  throw new BerthError("USAGE", `notes ${input.action} needs ${field}.`, {
    hint: 'For example: notes {action: "write", path: "plans/login", text: "…"}',
  });
}
