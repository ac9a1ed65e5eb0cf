/**
 * The order of the lab's files: as `test/lab/lanes.json` says, whose longest come first so that none
 * is left to run alone in the end; others behind, by name.
 */
const { basename } = require('node:path');
const { untimed } = require('../test/lab/lanes.json');

module.exports = class LabSequencer {
  sort(tests) {
    const place = ({ path }) => {
      const at = untimed.indexOf(basename(path, '.lab.ts'));
      return at < 0 ? untimed.length : at;
    };
    return [...tests].sort((a, b) => place(a) - place(b) || a.path.localeCompare(b.path));
  }

  /** Of `--shard`: one part of several. */
  shard(tests, { shardIndex, shardCount }) {
    return this.sort(tests).filter((_, i) => i % shardCount === shardIndex - 1);
  }

  /** Of `--onlyFailures` and `--bail`, which would need a memory of earlier runs. */
  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
};
