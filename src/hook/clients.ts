import { claude } from "./clients/claude.ts";
import { codex } from "./clients/codex.ts";
import { copilot } from "./clients/copilot.ts";
import { cursor } from "./clients/cursor.ts";
import { gemini } from "./clients/gemini.ts";
import { opencode } from "./clients/opencode.ts";
import type { Client, ClientName } from "./event.ts";

/** Every client by the name that `--client` has for it. */
export const CLIENTS: Readonly<Record<ClientName, Client>> = { claude, codex, gemini, copilot, cursor, opencode };
