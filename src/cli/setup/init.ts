import { type Command, defineCommand } from "../command.ts";
import { outline } from "../outline.ts";
export const command: Command = defineCommand({
  examples: [{ says: "x", line: "berth init" }],
  run: async ({ open }) => {
    const berth = await open();
    const shown = await berth.init({});
    return { data: shown, text: (page) => outline(shown, page) };
  },
});
