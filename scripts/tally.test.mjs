import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  countCargo,
  countNode,
  countVitest,
  failedOfCargo,
  failedOfNode,
  failedOfVitest,
  judge,
} from './tally.mjs';

const CARGO = `running 3 tests
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
`;

test('cargo counts every test binary', () => {
  assert.deepEqual(countCargo(CARGO), { passed: 5, failed: 1, skipped: 1 });
});

test('node counts the summary of its TAP output', () => {
  const log = 'ok 1 - a\n# tests 4\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 0\n';
  assert.deepEqual(countNode(log), { passed: 2, failed: 2, skipped: 0 });
});

test('vitest counts its JSON report', () => {
  const json = '{"numPassedTests":7,"numFailedTests":2,"numPendingTests":1,"numTodoTests":0}';
  assert.deepEqual(countVitest(json), { passed: 7, failed: 2, skipped: 1 });
});

test('what failed is named, with what it said', () => {
  const cargo = `test one ... ok
test two::of_two ... FAILED
thread 'two::of_two' (31) panicked at crates/a/src/b.rs:4:5:
it waited for nothing
test three ... FAILED
`;
  assert.deepEqual(failedOfCargo(cargo), [
    { name: 'two::of_two', why: 'it waited for nothing' },
    { name: 'three', why: '' },
  ]);
  assert.deepEqual(failedOfNode('ok 1 - a\nnot ok 2 - b\n'), [{ name: 'b', why: '' }]);
  const assertionResults = [
    { status: 'passed', fullName: 'fine', failureMessages: [] },
    { status: 'failed', fullName: 'a line', failureMessages: ['Error: waited 30 s\n    at here'] },
  ];
  assert.deepEqual(failedOfVitest(JSON.stringify({ testResults: [{ assertionResults }] })), [
    { name: 'a line', why: 'Error: waited 30 s' },
  ]);
  assert.deepEqual(failedOfVitest('{"testResults":[{}]}'), []);
});

test('a runner that ran no test is a failure', () => {
  const empty = 'test result: ok. 0 passed; 0 failed; 0 ignored;';
  assert.equal(judge({ format: 'cargo', exitCode: 0, text: empty }).failed, 1);
  assert.equal(judge({ format: 'vitest', exitCode: 0, text: undefined }).failed, 1);
});

test('a runner that ended badly without counting a failure is a failure', () => {
  const fine = 'test result: ok. 4 passed; 0 failed; 0 ignored;';
  assert.deepEqual(judge({ format: 'cargo', exitCode: 101, text: fine }), {
    passed: 4,
    failed: 1,
    skipped: 0,
    why: 'ended with exit code 101',
  });
  assert.equal(judge({ format: 'check', exitCode: 2, text: '' }).failed, 1);
});

test('a type check that passes adds nothing', () => {
  assert.equal(judge({ format: 'check', exitCode: 0, text: '' }).failed, 0);
});
