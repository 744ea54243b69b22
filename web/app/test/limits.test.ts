import { expect, test } from 'vitest';
import { LIMITS } from '../../sdk/src/generated/protocol.ts';
import {
  DECLINE_MESSAGE_CHARS,
  NAME_CHARS,
  REASON_CHARS,
  FEEDBACK_CHARS,
  NOTE_CHARS,
  STAFF_MESSAGE_CHARS,
} from '../src/limits.ts';

test('the forms allow what the wire allows', () => {
  expect(NAME_CHARS).toBe(LIMITS.nameChars);
  expect(REASON_CHARS).toBe(LIMITS.reasonChars);
  expect(STAFF_MESSAGE_CHARS).toBe(LIMITS.staffMessageChars);
  expect(FEEDBACK_CHARS).toBe(LIMITS.feedbackChars);
  expect(NOTE_CHARS).toBe(LIMITS.noteChars);
  expect(DECLINE_MESSAGE_CHARS).toBe(LIMITS.declineMessageChars);
});
