// Adds up what the test runners counted, and closes with the line `N passed, N failed`.
//
//   node scripts/tally.mjs RESULTS_FOLDER NAME:FORMAT:EXIT_CODE...
//
// Reads RESULTS_FOLDER/NAME.log (cargo, node) or NAME.json (vitest). A runner that failed without
// counting a failure, or that ran no test at all, is itself one failure: silence is not success.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The counts of `cargo test`: one `test result:` line for each test binary. */
export function countCargo(log) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const line = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm;
  for (const [, passed, failed, ignored] of log.matchAll(line)) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
    counts.skipped += Number(ignored);
  }
  return counts;
}

/** The counts of `node --test` with the TAP reporter. */
export function countNode(log) {
  const count = (word) => Number(log.match(new RegExp(`^# ${word} (\\d+)$`, 'm'))?.[1] ?? 0);
  return { passed: count('pass'), failed: count('fail') + count('cancelled'), skipped: count('skipped') };
}

/** The counts of Vitest's JSON reporter. */
export function countVitest(json) {
  const report = JSON.parse(json);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

const NOTHING = { passed: 0, failed: 0, skipped: 0 };
const FORMATS = {
  cargo: { suffix: 'log', count: countCargo, mustRun: true },
  node: { suffix: 'log', count: countNode, mustRun: true },
  vitest: { suffix: 'json', count: countVitest, mustRun: true },
  // A type check has no tests to count; it can only fail.
  check: { suffix: 'log', count: () => NOTHING, mustRun: false },
};

/** What one runner did: its counts, and the sentence that says why it counts as failed by itself. */
export function judge({ format, exitCode, text }) {
  const { count, mustRun } = FORMATS[format];
  const counts = text === undefined ? NOTHING : count(text);
  const ran = counts.passed + counts.failed > 0;
  if (counts.failed > 0) return { ...counts, why: '' };
  if (exitCode !== 0) return { ...counts, failed: 1, why: `ended with exit code ${exitCode}` };
  if (mustRun && !ran) return { ...counts, failed: 1, why: 'ran no test' };
  return { ...counts, why: '' };
}

function readOutcome(folder, argument) {
  const [name, format, exitCode] = argument.split(':');
  const path = join(folder, `${name}.${FORMATS[format].suffix}`);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  return { name, ...judge({ format, exitCode: Number(exitCode), text }) };
}

function main([folder, ...outcomes]) {
  const runners = outcomes.map((argument) => readOutcome(folder, argument));
  const sum = (key) => runners.reduce((total, runner) => total + runner[key], 0);
  for (const { name, passed, failed, skipped, why } of runners) {
    const note = why === '' ? '' : `  (${why})`;
    console.log(`  ${name.padEnd(10)} ${passed} passed, ${failed} failed, ${skipped} skipped${note}`);
  }
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') === 0 && sum('passed') > 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = main(process.argv.slice(2));
}
