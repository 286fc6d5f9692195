import { BerthError } from "../../errors.ts";
import { type Files, testOf } from "./library.ts";

/** One piece of work of the demo: what its session says, and what the agent that claims it does. */
export interface Work {
  readonly slug: string;
  readonly title: string;
  readonly priority: "now" | "next" | "future";
  readonly context: string;
  readonly criterion: string;
  readonly paths: readonly string[];
  readonly depends?: string;
  /** What who claims it must be able to do. */
  readonly capability?: string;
  /** Commits, one after the other. */
  readonly steps: readonly { readonly says: string; readonly files: Files }[];
  /** The first commit lands before the second one is made. */
  readonly landsBetween?: true;
  /** Another piece of work that edits the same lines, and the file with both wishes met. */
  readonly rival?: { readonly slug: string; readonly resolved: Files };
  readonly learns?: string;
  /** What the first agent begins to write when it is killed, and how the one that takes over finishes it. */
  readonly interrupted?: { readonly path: string; readonly adds: string; readonly says: string; readonly files: Files };
  /** Edits that are never committed: the agent gives up. */
  readonly givesUp?: { readonly reason: string; readonly files: Files };
}

const BOTH_GREETINGS: Files = {
  "src/greeting.js": greeting('ship, harbour = "Port Quiet"', "Ahoy, ${ship}! Welcome to ${harbour}."),
};

/** What is to be done; the two that will meet in one line come first, so that two agents have them at once. */
export const WORK: readonly Work[] = [
  {
    slug: "greet-by-harbour",
    title: "Name the harbour in the greeting",
    priority: "now",
    context: "Crews ask where they are.",
    criterion: "The greeting names the harbour",
    paths: ["src/greeting.js"],
    steps: [
      {
        says: "feat: name the harbour",
        files: {
          "src/greeting.js": greeting('ship, harbour = "Port Quiet"', "Ahoy, ${ship}. Welcome to ${harbour}."),
          "test/harbour.test.js": testOf(
            "greeting",
            "greeting",
            "the harbour is named",
            'assert.match(greeting("Heron", "Elbe"), /Welcome to Elbe/);',
          ),
        },
      },
    ],
    rival: { slug: "greet-louder", resolved: BOTH_GREETINGS },
  },
  {
    slug: "greet-louder",
    title: "Greet louder",
    priority: "now",
    context: "Nobody hears the greeting in the wind.",
    criterion: "The greeting is called out",
    paths: ["src/greeting.js"],
    steps: [
      {
        says: "feat: call the greeting out",
        files: {
          "src/greeting.js": greeting("ship", "Ahoy, ${ship}!"),
          "test/louder.test.js": testOf(
            "greeting",
            "greeting",
            "it is called out",
            'assert.match(greeting("Heron"), /Heron!/);',
          ),
        },
      },
    ],
    rival: { slug: "greet-by-harbour", resolved: BOTH_GREETINGS },
  },
  {
    slug: "speed-in-knots",
    title: "Convert knots to kilometres per hour",
    priority: "next",
    context: "The log book needs speeds on land.",
    criterion: "Ten knots are 18.52 km/h",
    paths: ["src/speed.js"],
    steps: [
      {
        says: "feat: convert knots",
        files: {
          "src/speed.js":
            "/** Knots as kilometres per hour. */\nexport const kilometresPerHour = (knots) => knots * 1.852;\n",
          "test/speed.test.js": testOf(
            "kilometresPerHour",
            "speed",
            "ten knots",
            "assert.equal(kilometresPerHour(10), 18.52);",
          ),
        },
      },
    ],
  },
  {
    slug: "tide-by-twelfths",
    title: "Estimate the tide by the rule of twelfths",
    priority: "next",
    context: "Depths change by the hour.",
    criterion: "Half of the tide has come in after three hours",
    paths: ["src/tide.js"],
    landsBetween: true,
    learns: "Divide twelfths at the end",
    steps: [
      {
        says: "feat: estimate the tide",
        files: {
          "src/tide.js": `const TWELFTHS = [0, 1, 3, 6, 9, 11, 12];

/** How far the tide has risen after whole hours. */
export function risen(range, hours) {
  return (range * TWELFTHS[hours]) / 12;
}
`,
        },
      },
      {
        says: "test: half of the tide after three hours",
        files: {
          "test/tide.test.js": testOf("risen", "tide", "half after three hours", "assert.equal(risen(4, 3), 2);"),
        },
      },
    ],
  },
  {
    slug: "log-book",
    title: "Write speeds into the log book",
    priority: "now",
    context: "It uses the conversion of knots, which must be there first.",
    criterion: "An entry holds the speed in km/h",
    paths: ["src/log-book.js"],
    depends: "speed-in-knots",
    steps: [
      {
        says: "feat: write speeds into the log book",
        files: {
          "src/log-book.js": `import { kilometresPerHour } from "./speed.js";

/** One line of the log book. */
export const entry = (ship, knots) => \`\${ship}: \${kilometresPerHour(knots).toFixed(1)} km/h\`;
`,
          "test/log-book.test.js": testOf(
            "entry",
            "log-book",
            "an entry",
            'assert.equal(entry("Heron", 10), "Heron: 18.5 km/h");',
          ),
        },
      },
    ],
  },
  {
    slug: "name-bearings",
    title: "Name bearings by the compass rose",
    priority: "next",
    capability: "compass",
    context: "Helmsmen think in winds, not in degrees.",
    criterion: "90 degrees are east",
    paths: ["src/bearing.js"],
    steps: [
      {
        says: "feat: name bearings",
        files: {
          "src/bearing.js": `const WINDS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"];

/** The wind nearest to a bearing in degrees. */
export const wind = (degrees) => WINDS[Math.round(degrees / 45) % 8];
`,
          "test/bearing.test.js": testOf("wind", "bearing", "east", 'assert.equal(wind(90), "E");'),
        },
      },
    ],
    interrupted: {
      path: "src/bearing.js",
      adds: "\n/** What lies behind a ship. */\nexport const astern = (degrees) => wind(degrees + 180);\n",
      says: "feat: name what lies astern",
      files: { "test/astern.test.js": testOf("astern", "bearing", "west", 'assert.equal(astern(90), "W");') },
    },
  },
  {
    slug: "paint-the-boat",
    title: "Draw the pilot boat",
    priority: "next",
    context: "It would look nice on the quay.",
    criterion: "The boat is drawn",
    paths: ["src/boat.js"],
    steps: [{ says: "feat: begin the boat", files: { "src/boat.js": 'export const hull = "\\\\_____/";\n' } }],
    givesUp: {
      reason: "Nobody is on the quay to see it",
      files: {
        "src/boat.js": 'export const hull = "\\\\_____/";\nexport const mast = "|";\n',
        "src/flag.txt": "half a flag\n",
      },
    },
  },
  {
    slug: "explain-the-tests",
    title: "Say in the README how the tests are run",
    priority: "future",
    context: "New pilots ask for it every spring.",
    criterion: "The README names the command",
    paths: ["README.md"],
    steps: [
      {
        says: "docs: say how the tests are run",
        files: {
          "README.md": "# Pilot\n\nSmall functions for bringing ships into harbour. Test them with `node --test`.\n",
        },
      },
    ],
  },
];

/** The work that a session of the demo stands for. */
export function workOf(id: string): Work {
  const found = WORK.find(({ slug }) => id.endsWith(`-${slug}`));
  if (found) return found;
  throw new BerthError("FAILED", `The demo does not know the session ${id}.`);
}

function greeting(parameters: string, text: string): string {
  return `/** What the pilot says when a ship comes in. */
export function greeting(${parameters}) {
  return \`${text}\`;
}
`;
}
