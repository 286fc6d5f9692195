/** A note of the project. */
export const NOTE = { summary: "A note, such as sessions/session", required: true } as const;
