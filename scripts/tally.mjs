// Adds up what the test runners counted, names what failed, and closes with the line `N passed, N failed`.
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

/** What failed of `cargo test`, each with what its thread said last. */
export function failedOfCargo(log) {
  const said = new Map();
  for (const [, name, words] of log.matchAll(/^thread '([^']+)'.* panicked at [^\n]*\n([^\n]*)/gm)) {
    said.set(name, words);
  }
  const failed = [...log.matchAll(/^test (.+) \.\.\. FAILED$/gm)];
  return failed.map(([, name]) => ({ name, why: said.get(name) ?? '' }));
}

/** What failed of `node --test`. */
export function failedOfNode(log) {
  const failed = [...log.matchAll(/^not ok \d+ - (.+)$/gm)];
  return failed.map(([, name]) => ({ name, why: '' }));
}

/** What failed of Vitest, each with the first line of why. */
export function failedOfVitest(json) {
  const files = JSON.parse(json).testResults ?? [];
  const tests = files.flatMap((file) => file.assertionResults ?? []);
  const failed = tests.filter(({ status }) => status === 'failed');
  return failed.map(({ fullName, failureMessages }) => {
    const [why = ''] = (failureMessages?.[0] ?? '').split('\n');
    return { name: fullName, why };
  });
}

// More than anybody reads at once; the runner's own output has all.
const FAILURES_NAMED = 20;

const NOTHING = { passed: 0, failed: 0, skipped: 0 };
const FORMATS = {
  cargo: { suffix: 'log', count: countCargo, failed: failedOfCargo, mustRun: true },
  node: { suffix: 'log', count: countNode, failed: failedOfNode, mustRun: true },
  vitest: { suffix: 'json', count: countVitest, failed: failedOfVitest, mustRun: true },
  // A type check has no tests to count; it can only fail.
  check: { suffix: 'log', count: () => NOTHING, failed: () => [], mustRun: false },
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
  const failures = text === undefined ? [] : FORMATS[format].failed(text);
  return { name, failures, ...judge({ format, exitCode: Number(exitCode), text }) };
}

function main([folder, ...outcomes]) {
  const runners = outcomes.map((argument) => readOutcome(folder, argument));
  const sum = (key) => runners.reduce((total, runner) => total + runner[key], 0);
  for (const { name, failures } of runners) {
    for (const failure of failures.slice(0, FAILURES_NAMED)) {
      console.log(`  failed in ${name}: ${failure.name}`);
      if (failure.why !== '') console.log(`    ${failure.why}`);
    }
  }
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
