const Sequencer = require("@jest/test-sequencer").default;

const KINDS = ["scenario", "integration", "property", "unit"];
const kind = (test) => KINDS.indexOf(test.context.config.displayName.name);

/** The longest kinds first, so that no worker waits for one of them alone at the end. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => kind(a) - kind(b));
  }
};
