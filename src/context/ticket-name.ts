const form = /^([a-z][a-z0-9-]{0,40})_([A-Za-z0-9][\w.-]{0,63})$/;

/** Whether a text may be a ticket's folder: `<phase>_<issue>`. */
export function isTicketName(text: string): boolean {
  return form.test(text) && !text.includes("..") && !/\.(?:lock|git)?$/i.test(text);
}

/** Phase and issue of a ticket's name; null for any other text. */
export function partsOfTicket(name: string): { readonly phase: string; readonly issue: string } | null {
  const [, phase, issue] = isTicketName(name) ? (form.exec(name) ?? []) : [];
  return phase !== undefined && issue !== undefined ? { phase, issue } : null;
}
