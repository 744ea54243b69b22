/** What a page that returned is told of before, and how far that is believed. */

import { beforeEach, describe, expect, it } from 'vitest';
import { HISTORY_MS } from '../src/crypto/limits.ts';
import { COMPANION, DOCTOR, PATIENT, Table } from './support/table.ts';

let table: Table;

beforeEach(async () => {
  table = await Table.set();
});

const line = (id: string, from: string, more = {}) => ({ id, from, text: id, at: 1, ...more });
const history = (...lines: unknown[]) => ({ type: 'history', lines });
const say = (id: string, n?: number) => ({ type: 'chat', id, text: id, at: 2, n });
const chat = () => table.page.state.chat;
const ids = () => chat().map(({ id }) => id);

describe('history', () => {
  it('is the word of who handed it over: nobody’s but theirs is shown as sent', async () => {
    await table.says(
      'doctor',
      history(
        line('theirs', DOCTOR),
        line('mine', PATIENT),
        line('third', COMPANION),
        line('heard', DOCTOR, { told: true }),
      ),
    );
    expect(chat().map(({ id, state, handedBy }) => [id, state, handedBy])).toEqual([
      ['theirs', 'sent', DOCTOR],
      ['mine', 'told', DOCTOR],
      ['third', 'told', DOCTOR],
      ['heard', 'told', DOCTOR],
    ]);
  });

  it('is taken of the lowest leaf alone', async () => {
    await table.says('companion', history(line('a', COMPANION), line('b', PATIENT)));
    expect(ids()).toEqual([]);
  });

  it('is taken once, in as many pieces as were announced', async () => {
    await table.says('doctor', { ...history(line('a', DOCTOR)), more: true });
    await table.says('doctor', history(line('b', DOCTOR)));
    await table.says('doctor', history(line('c', PATIENT)));
    expect(ids()).toEqual(['a', 'b']);
  });

  it('is not taken by a page that has been there for a while', async () => {
    table.now = HISTORY_MS + 1;
    await table.says('doctor', history(line('a', PATIENT)));
    expect(ids()).toEqual([]);
  });

  it('replaces nothing that was heard from its writer', async () => {
    await table.says('companion', { type: 'chat', id: 'a', text: 'heard', at: 1 });
    await table.says('doctor', history({ ...line('a', COMPANION), text: 'told' }));
    expect(chat().map(({ text, state, handedBy }) => [text, state, handedBy])).toEqual([
      ['heard', 'sent', null],
    ]);
  });
});

describe('a line that did not arrive', () => {
  const shown = () => chat().map(({ id, state, from }) => (state === 'missing' ? from : id));

  it('is told by the next one of its writer', async () => {
    await table.says('doctor', say('a', 1));
    await table.says('doctor', say('b', 2), false);
    await table.says('companion', say('x', 1));
    expect(shown()).toEqual(['a', 'x']);
    await table.says('doctor', say('c', 3));
    expect(shown()).toEqual(['a', 'x', DOCTOR, 'c']);
  });

  it('is told when somebody joins, and to who joins from then on', async () => {
    await table.says('doctor', { type: 'safety_commitment', commitment: 'AAE=', said: 4 });
    expect(shown()).toEqual([]);
    await table.says('doctor', say('e', 5), false);
    await table.says('doctor', { type: 'safety_commitment', commitment: 'AAE=', said: 5 });
    expect(shown()).toEqual([DOCTOR]);
    await table.says('doctor', say('f', 6));
    expect(shown()).toEqual([DOCTOR, 'f']);
  });

  it('is told once, however many there are', async () => {
    await table.says('doctor', say('a', 1));
    await table.says('doctor', say('z', 1_000_000));
    expect(shown()).toEqual(['a', DOCTOR, 'z']);
  });

  it('is not looked for where a client does not count', async () => {
    await table.says('doctor', say('a'));
    await table.says('doctor', say('b'), false);
    await table.says('doctor', say('c'));
    expect(shown()).toEqual(['a', 'c']);
  });
});
