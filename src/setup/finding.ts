/** What one look of the doctor's came to. */
export interface Finding {
  readonly ok: boolean;
  readonly detail: string;
  /** What to do, as a sentence or a command; null when there is nothing to do. */
  readonly fix: string | null;
}

export function good(detail: string): Finding {
  return { ok: true, detail, fix: null };
}

export function bad(detail: string, fix: string | null): Finding {
  return { ok: false, detail, fix };
}
