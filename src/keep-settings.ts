/** How checkpoints are kept. */
export interface CheckpointSettings {
  readonly keep: number;
  readonly days: number;
  readonly every: number;
}

/** What is pushed besides what lands. */
export interface PushSettings {
  readonly session: boolean;
  readonly checkpoints: boolean;
}
