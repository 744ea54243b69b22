/** Lengths of time, as digits for the eye and as words for the ear. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const two = (value: number): string => String(value).padStart(2, '0');

/** `4:05`, `1:04:05`; never negative, because clocks may disagree by a little. */
export function clockDuration(milliseconds: number): string {
  const total = Math.max(0, milliseconds);
  const hours = Math.floor(total / HOUR);
  const minutes = Math.floor((total % HOUR) / MINUTE);
  const seconds = Math.floor((total % MINUTE) / SECOND);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** `PT1H4M5S`, the machine's form for `<time datetime>`. */
export function machineDuration(milliseconds: number): string {
  const [seconds = '0', minutes = '0', hours = '0'] = clockDuration(milliseconds)
    .split(':')
    .reverse();
  return `PT${Number(hours)}H${Number(minutes)}M${Number(seconds)}S`;
}

function unit(value: number, name: 'hour' | 'minute' | 'second', locale: string): string {
  return new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'long' }).format(
    value,
  );
}

/** `1 hour 4 minutes`; seconds only below one minute, as people say it. */
export function spokenDuration(milliseconds: number, locale: string): string {
  const total = Math.max(0, milliseconds);
  if (total < MINUTE) return unit(Math.floor(total / SECOND), 'second', locale);
  const hours = Math.floor(total / HOUR);
  const minutes = Math.floor((total % HOUR) / MINUTE);
  const parts = [
    hours > 0 && unit(hours, 'hour', locale),
    minutes > 0 && unit(minutes, 'minute', locale),
  ];
  return parts.filter((part) => part !== false).join(' ');
}

const DAY = 24 * HOUR;

/** A moment, as people say it: a time of day, with the day unless it is today, and the date unless it is within days. */
export function moment(at: number, now: number, locale: string, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const day = (time: number) =>
    new Intl.DateTimeFormat(locale, { dateStyle: 'short', ...zone }).format(time);
  if (day(at) === day(now)) return timeOfDay(at, locale, timeZone);
  return new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    ...((at < now || at - now > 6 * DAY) && { day: 'numeric', month: 'long' }),
    hour: '2-digit',
    minute: '2-digit',
    ...zone,
  }).format(at);
}

/** A time of day: `14:05`. */
export function timeOfDay(at: number, locale: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(at);
}
