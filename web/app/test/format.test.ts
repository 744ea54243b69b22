import { describe, expect, test } from 'vitest';
import {
  clockDuration,
  machineDuration,
  moment,
  spokenDuration,
  timeOfDay,
} from '../src/i18n/format.ts';
import { initials, length } from '../src/lib/text.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('a duration', () => {
  test.each([
    [0, '0:00'],
    [999, '0:00'],
    [61_000, '1:01'],
    [59 * MINUTE + 59_999, '59:59'],
    [HOUR, '1:00:00'],
    [26 * HOUR + 3 * MINUTE + 4000, '26:03:04'],
  ])('of %d ms ticks as %s', (milliseconds, text) => {
    expect(clockDuration(milliseconds)).toBe(text);
  });

  test('is never negative, whatever the clocks say', () => {
    expect(clockDuration(-5000)).toBe('0:00');
    expect(spokenDuration(-5000, 'en-GB')).toBe('0 seconds');
  });

  test.each([
    [45_000, 'en-GB', '45 seconds'],
    [MINUTE, 'en-GB', '1 minute'],
    [HOUR + 4 * MINUTE + 30_000, 'en-GB', '1 hour 4 minutes'],
    [2 * HOUR, 'en-GB', '2 hours'],
    [12 * MINUTE, 'fr-BE', '12 minutes'],
    [HOUR, 'fr-BE', '1 heure'],
  ])('of %d ms is said in %s as %s', (milliseconds, locale, text) => {
    expect(spokenDuration(milliseconds, locale).replace(/\s/g, ' ')).toBe(text);
  });

  test('has a form for machines', () => {
    expect(machineDuration(HOUR + 4 * MINUTE + 5000)).toBe('PT1H4M5S');
    expect(machineDuration(5000)).toBe('PT0H0M5S');
  });
});

test('a time of day has two digits each, in both languages', () => {
  const at = Date.UTC(2026, 2, 9, 8, 5);
  expect(timeOfDay(at, 'en-GB', 'Europe/Brussels')).toBe('09:05');
  expect(timeOfDay(at, 'fr-BE', 'Europe/Brussels')).toBe('09:05');
});

test('a moment that was has a date, unless it was today', () => {
  const now = Date.UTC(2026, 2, 9, 13, 5);
  const said = (at: number) => moment(at, now, 'fr-BE', 'Europe/Brussels').replace(/\s/g, ' ');
  expect(said(now - 14 * HOUR)).toBe('00:05');
  expect(said(now - 15 * HOUR)).toContain('8 mars');
  expect(said(now - 15 * HOUR)).toContain('23:05');
});

describe('a name', () => {
  test.each([
    ['Jeanne Van den Broeck', 'JB'],
    ['Dr Amina Lambert', 'AL'],
    ['Mme. Lambert', 'L'],
    ['  Cher ', 'C'],
    ['émile (test)', 'É'],
    ['王小明', '王'],
    ['', ''],
    ['123', ''],
  ])('%s is shown as %s', (name, letters) => {
    expect(initials(name)).toBe(letters);
  });

  test('is as long as its code points after trimming, as on the server', () => {
    expect(length('  a\u{1F600}b ')).toBe(3);
  });
});
