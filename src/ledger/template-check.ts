/** What Berth uses of nunjucks; its published types leave the parser out. */
export interface Nunjucks {
  readonly Environment: new (loader: null, options: { autoescape: boolean }) => NunjucksEnvironment;
  readonly Template: new (
    source: string,
    environment: NunjucksEnvironment,
    path: string,
    eager: boolean,
  ) => {
    render(context: object): string;
  };
  readonly parser: { parse(source: string, extensions: readonly never[], options: object): TemplateNode };
}

interface NunjucksEnvironment {
  addFilter(name: string, filter: (value: unknown) => string): unknown;
}

/** A node of a parsed template: its children are properties of many names; lines are counted from 0. */
interface TemplateNode {
  readonly typename: string;
  readonly lineno: number;
  readonly value?: unknown;
  readonly [field: string]: unknown;
}

/** Why a template is not rendered. */
export class TemplateProblem extends Error {
  override readonly name: string = "TemplateProblem";
  /** Counted from 1. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * Refuses what a template may not do. Nunjucks compiles templates to JavaScript, copies some names into it unescaped,
 * and lets expressions call what they reach; without calls, and with plain names alone, there is nothing to reach.
 * @throws TemplateProblem
 */
export function checkTemplate(nunjucks: Nunjucks, source: string): void {
  let root: TemplateNode;
  try {
    root = nunjucks.parser.parse(source, [], { autoescape: false });
  } catch (error) {
    const { lineno, message } = error as { lineno?: number; message: string };
    throw new TemplateProblem(lineno ?? 1, message);
  }
  const waiting = [root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    checkNode(node);
    waiting.push(...children(node));
  }
}

const allowed: ReadonlySet<string> = new Set(
  (
    "Root NodeList Output TemplateData Capture Literal Symbol Group Array Dict Pair KeywordArgs LookupVal If InlineIf " +
    "For Set Switch Case Filter In Is Or And Not Add Sub Mul Div FloorDiv Mod Pow Neg Pos Concat Compare CompareOperand"
  ).split(" "),
);
const filters: ReadonlySet<string> = new Set(
  (
    "abs capitalize d default dictsort dump e escape first float int join last length lower reject rejectattr replace " +
    "reverse round safe select selectattr sort string striptags sum title trim truncate upper urlencode wordcount " +
    "line sh yaml"
  ).split(" "),
);
const plainName = /^[A-Za-z_]\w*$/;
const reserved: ReadonlySet<unknown> = new Set(["constructor", "prototype", "__proto__"]);

function checkNode(node: TemplateNode): void {
  const refuse = (what: string): never => {
    throw new TemplateProblem(node.lineno + 1, what);
  };
  if (!allowed.has(node.typename) && !(node.typename === "FunCall" && node["isTest"] === true)) {
    refuse(
      node.typename === "FunCall" ? "a template may not call anything" : `a template may not use ${node.typename}`,
    );
  }
  if (node.typename === "Symbol" && (!plainName.test(String(node.value)) || reserved.has(node.value))) {
    refuse(`not a name for a variable: ${JSON.stringify(node.value)}`);
  }
  if (node.typename === "Literal" && (reserved.has(node.value) || node.value instanceof RegExp)) {
    refuse(`a template may not use ${String(node.value)}`);
  }
  if (node.typename === "Filter") {
    const name = String((node["name"] as TemplateNode).value);
    if (!filters.has(name)) refuse(`there is no filter ${JSON.stringify(name)}; there are: ${[...filters].join(", ")}`);
  }
  if (node.typename === "LookupVal" && (node["val"] as TemplateNode).typename !== "Literal") {
    refuse("only a name or a number may stand in brackets");
  }
  if (node.typename === "For" || node.typename === "Set") checkTargets(node, refuse);
  if (node.typename === "Is") checkTest(node, refuse);
}

// Names that are assigned to are copied into the compiled code as they are, whatever kind of node holds them.
function checkTargets(node: TemplateNode, refuse: (what: string) => never): void {
  const given = node.typename === "For" ? [node["name"] as TemplateNode] : (node["targets"] as readonly TemplateNode[]);
  const names = given.flatMap((target) => (target.typename === "Array" ? children(target) : [target]));
  if (names.some((name) => name.typename !== "Symbol")) refuse("only plain names can be set");
}

function checkTest(node: TemplateNode, refuse: (what: string) => never): void {
  const test = node["right"] as TemplateNode & { isTest?: boolean };
  const name = test.typename === "FunCall" ? (test["name"] as TemplateNode) : test;
  if (name.typename !== "Symbol") refuse("behind `is` stands the name of a test");
  test.isTest = true;
}

// All properties are looked at: the fields that nunjucks declares leave out the body of a block that sets a variable.
function children(node: TemplateNode): TemplateNode[] {
  return Object.values(node)
    .flat()
    .filter((value): value is TemplateNode => typeof value === "object" && value !== null && "typename" in value);
}
