import { type Command, defineCommand } from "../command.ts";

export const command: Command = defineCommand({
  details: [
    "Walks the chain of hashes from the first version kept to the newest. Exit code 1 when a link does not fit; nothing is mended.",
  ],
  examples: [{ says: "is it what was written", line: "berth shared verify" }],
  run: async ({ open }) => {
    const found = await (await open()).sharedVerify({});
    const { broken } = found;
    return {
      data: found,
      text: () =>
        broken === null
          ? `${found.checked} versions${found.first > 1 ? `, from ${found.first} on` : ""}, each of which is what its hash says.`
          : `Version ${broken.version} is damaged: ${broken.problem}. Up to ${found.lastGood} everything fits.`,
      brief: broken === null ? "" : String(broken.version),
      ...(broken === null ? {} : { exitCode: 1 as const }),
    };
  },
});
