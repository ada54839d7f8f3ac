import Table from "cli-table3";
import { type CommandResult } from "../result";
import { type Finding, type GateReport } from "./domain";

/** A row for each gate, below them a line for each finding; `refused` when any gate blocks. */
export function presentGates(gates: readonly GateReport[]): CommandResult {
  const table = new Table({ head: ["gate", "outcome", "measured", "allowed"], style: { head: [], border: [] } });
  for (const { gate, outcome, measured, allowed } of gates) table.push([gate, outcome, measured, allowed]);
  return {
    ending: gates.some(({ outcome }) => outcome === "blocked") ? "refused" : "ok",
    document: { gates },
    lines: [table.toString(), ...gates.flatMap(({ findings }) => findings.map(describeFinding))],
  };
}

/** Says what, where and what to do. */
export function describeFinding({ effect, rule, resource, message, remedy }: Finding): string {
  return `${effect}: ${rule}: ${resource}: ${message.replace(/[\s.]+$/, "").replace(/\s+/g, " ")}. ${remedy}`;
}
