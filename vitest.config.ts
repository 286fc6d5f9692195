import { defineConfig, type ViteUserConfig } from "vitest/config";

const fixedSeed = "test/support/fixed-seed.ts";

/** Long runs that mostly wait: for processes to be killed, or for a server. They may run side by side. */
const BESIDE =
  "test/long/{crash-{remote,single,local,live,files,inside-git},{,disk-,hub-}faults,checkpoint-kills,silent-hour,basic-memory}.test.ts";

const config: ViteUserConfig = defineConfig({
  test: {
    // Real git and real processes: one process per file, so that no test sees another's directory or environment.
    pool: "forks",
    // Tests wait for git most of their time: a core left free would stay idle.
    maxWorkers: "100%",
    globalSetup: ["test/support/isolate.ts"],
    reporters: ["default", "./dev/totals-reporter.ts"],
    allowOnly: false,
    restoreMocks: true,
    // What is waited for is a condition; how long a busy machine takes is none.
    expect: { poll: { timeout: 20_000, interval: 20 } },
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "html", "json-summary"],
      // What the seeds of the live layer and of the session state ask for. [XCS-22] [SIR-16]
      thresholds: {
        "src/{store,coordination,shared-context,live}/**": { lines: 90 },
        "src/brain/{state,orchestrator}/**": { lines: 95 },
        "src/brain/state/schema-state.ts": { lines: 100 },
        "src/brain/{notes,consolidate}/**": { lines: 90 },
        "src/cli/brain/**": { lines: 85 },
        "src/{,cli/}brain/**": { lines: 92 },
      },
    },
    projects: [
      {
        test: {
          name: "default",
          globalSetup: ["test/support/memory-disk.ts"],
          include: ["test/**/*.test.ts"],
          exclude: ["test/long/**"],
          setupFiles: [fixedSeed],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: "long",
          include: ["test/long/**/*.test.ts"],
          exclude: [BESIDE],
          setupFiles: process.env["BERTH_LONG"] === "small" ? [fixedSeed] : [],
          testTimeout: 30 * 60_000,
          hookTimeout: 120_000,
          // Long runs load the machine on purpose; two at once would measure each other.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "beside",
          // A kill leaves the same on any disk, and each of a thousand runs would wait for a hundred flushes.
          globalSetup: ["test/support/memory-disk.ts", "test/support/matrix-total.ts"],
          include: [BESIDE],
          testTimeout: 30 * 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

export default config;
