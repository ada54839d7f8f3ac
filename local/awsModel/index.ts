export { renderError, isUnmodelled, type Answer } from "./errors";
export { readInput } from "./input";
export { botocoreData, loadServiceModel, ServiceModel } from "./model";
export { writeOutput } from "./output";
