import { parseXml, type XmlElement } from "./xml";

export interface ParsedCoverage {
  readonly filePath: string;
  readonly linesCovered: number;
  readonly linesMissed: number;
  readonly branchesCovered: number;
  readonly branchesMissed: number;
}

/**
 * Reads a Clover XML report: the statements and conditionals of each file's metrics.
 * @throws XmlError, or Error that says what of Clover is missing.
 */
export function parseClover(source: string): ParsedCoverage[] {
  const root = parseXml(source);
  if (root.name !== "coverage") throw new Error(`not Clover: expected coverage, found ${root.name}`);
  if (!root.children.some((child) => child.name === "project")) throw new Error("not Clover: no project in coverage");
  return filesIn(root).map(coverageOf);
}

/** Files lie in the project or in packages of it. */
function filesIn(element: XmlElement): XmlElement[] {
  return element.children.flatMap((child) => (child.name === "file" ? [child] : filesIn(child)));
}

function coverageOf(file: XmlElement): ParsedCoverage {
  const filePath = file.attributes["path"] ?? file.attributes["name"];
  if (!filePath) throw new Error("not Clover: a file without path and name");
  const metrics = file.children.find((child) => child.name === "metrics");
  if (metrics === undefined) throw new Error(`not Clover: file ${filePath} has no metrics`);
  const count = (name: string): number => {
    const value = Number(metrics.attributes[name]);
    if (!Number.isInteger(value) || value < 0) {
      throw new Error(`not Clover: file ${filePath}: ${name} is ${metrics.attributes[name]}, not a count`);
    }
    return value;
  };
  const [linesCovered, branchesCovered] = [count("coveredstatements"), count("coveredconditionals")];
  const [linesMissed, branchesMissed] = [count("statements") - linesCovered, count("conditionals") - branchesCovered];
  if (linesMissed < 0 || branchesMissed < 0)
    throw new Error(`not Clover: file ${filePath}: more covered than there is`);
  return { filePath, linesCovered, linesMissed, branchesCovered, branchesMissed };
}
