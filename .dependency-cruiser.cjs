/** Imports point inward: the rooms of docs/architecture.md and what each may use of the others. */
const onlyFrom = (name, room, allowed, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: `^${room}` },
  to: {
    path: "^(index[.]ts|components|runtime|automation|policy|local|examples|test)",
    pathNot: [`^${room}`, ...allowed.map((path) => `^${path}`)],
  },
});
const DOMAIN = ["runtime/types[.]ts$", "runtime/[a-z]+/domain"];

module.exports = {
  forbidden: [
    onlyFrom("index-wires-components", "index\\.ts$", ["components/"], "index.ts reads config and wires components."),
    onlyFrom(
      "components-render-models",
      "components/",
      DOMAIN,
      "Components know the domain's types, nothing that runs.",
    ),
    onlyFrom("runtime-stands-alone", "runtime/", [], "What runs in Lambda depends on nothing else of the project."),
    onlyFrom(
      "driver-uses-runtime",
      "automation/",
      ["runtime/", "policy/(documents|values)[.]ts$"],
      "The driver stands on the runtime, and reads IAM documents as the policies do.",
    ),
    onlyFrom("policies-stand-alone", "policy/", [], "The policy pack is a package of its own."),
    onlyFrom(
      "local-is-removable",
      "local/",
      DOMAIN,
      "The local cloud may be deleted: it knows the domain's types alone.",
    ),
    {
      name: "nobody-needs-local",
      comment: "Deleting local/ leaves a complete product for AWS.",
      severity: "error",
      from: { pathNot: "^(local|test|scripts)" },
      to: { path: "^local/" },
    },
    {
      name: "domain-is-pure",
      comment: "Models and decisions import neither an SDK nor Pulumi.",
      severity: "error",
      from: { path: [...DOMAIN.map((path) => `^${path}`), "^components/pipelineModel\\.ts$"] },
      to: { path: "node_modules/(@aws-sdk|@smithy|@pulumi)/" },
    },
    {
      name: "rules-are-pure",
      comment: "What is declared in, what is wrong with it out.",
      severity: "error",
      from: { path: "^policy/", pathNot: "^policy/(index|pack|engine)[.]ts$" },
      to: { path: "node_modules/" },
    },
    {
      name: "engine-is-pure",
      comment: "The pipeline engine is state and event in, state and effects out.",
      severity: "error",
      from: { path: "^local/codepipeline/engine/" },
      to: { path: "(node_modules/(@aws-sdk|@smithy)/|^(node:)?(fs|child_process|http|net|timers)(/|$))" },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    exclude: { path: "^(build|\\.local|coverage)/" },
  },
};
