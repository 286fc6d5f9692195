import { oneLine } from "../one-line.ts";
import { saveInput, saveOutput } from "../schema-live.ts";
import { placeOfPaths } from "../seat.ts";
import { defineTool, type Tool } from "../tool.ts";

export const saveTool: Tool = defineTool({
  name: "save",
  title: "Save a shared file",
  description:
    "Save a text file that several agents write in one checkout: what others wrote since your base is merged by line; a real overlap changes nothing and keeps both texts.",
  input: saveInput,
  output: saveOutput,
  reads: false,
  repeatable: true,
  run: async ({ path, text, base, resolve }, { seat, at }) => {
    const place = at(await placeOfPaths(seat, [path]));
    const { hash } = text !== undefined && base !== undefined ? { hash: null } : await place.fileHash({ path });
    if (text === undefined)
      return { data: { path, hash }, text: hash ?? "There is no such file: save with base null." };
    const saved = await place.saveFile({ path, text, base: base ?? null, ...(resolve && { resolve }) });
    const { conflict, merged, warnings } = saved;
    const said = conflict
      ? `${saved.path} stays as it is: the same lines were changed by ${conflict.oursBy ?? "somebody"}. Your text: git show ${conflict.kept}. Read the file, and save on its hash ${saved.hash ?? "null"}.`
      : `${saved.path} is saved${merged ? ", merged with what others wrote" : ""}: ${saved.hash ?? ""}`;
    return { data: saved, text: [said, ...warnings.map((warning) => `Warning: ${oneLine(warning)}`)].join("\n") };
  },
});
