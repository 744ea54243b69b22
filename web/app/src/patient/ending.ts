/** What the last page says, for each way in which a visit can end. */

import type { Conclusion, Outcome } from '@vestibule/client';
import type { PlainKey } from '../i18n/catalogue.ts';
import type { IconName } from '../ui/icons.ts';

export interface Ending {
  readonly heading: PlainKey;
  readonly text: PlainKey;
  readonly icon: IconName;
  readonly tone: 'good' | 'calm' | 'warm' | 'bad';
  /** The practitioner's own words, if any. */
  readonly words: string;
  /** Only one thing counts: calling 112. */
  readonly emergency: boolean;
  /** A new visit makes sense. */
  readonly restart: boolean;
}

type Look = Omit<Ending, 'words'>;

const COMPLETED: Look = {
  heading: 'ended.completed.heading',
  text: 'ended.completed.text',
  icon: 'check',
  tone: 'good',
  emergency: false,
  restart: true,
};
const LEFT: Look = {
  heading: 'ended.left.heading',
  text: 'ended.left.text',
  icon: 'exit',
  tone: 'calm',
  emergency: false,
  restart: true,
};
const NO_SHOW: Look = {
  heading: 'ended.no_show.heading',
  text: 'ended.no_show.text',
  icon: 'info',
  tone: 'warm',
  emergency: false,
  restart: true,
};
const CANCELLED: Look = {
  heading: 'ended.cancelled.heading',
  text: 'ended.cancelled.text',
  icon: 'info',
  tone: 'calm',
  emergency: false,
  restart: false,
};
const LOST: Look = {
  heading: 'ended.lost.heading',
  text: 'ended.lost.text',
  icon: 'offline',
  tone: 'warm',
  emergency: false,
  restart: true,
};

/** An answer to the form meant it. */
const EMERGENCY: Look = {
  heading: 'ended.emergency.heading',
  text: 'ended.emergency.text',
  icon: 'phone',
  tone: 'bad',
  emergency: true,
  restart: false,
};

/** What was concluded says where to go next. */
function concluded(conclusion: Conclusion | undefined): Look {
  switch (conclusion) {
    case 'in_person_needed':
      return {
        ...COMPLETED,
        heading: 'ended.declined.in_person_needed.heading',
        text: 'ended.declined.in_person_needed.text',
        restart: false,
      };
    case 'sent_to_emergency':
      return {
        heading: 'ended.declined.emergency.heading',
        text: 'ended.declined.emergency.text',
        icon: 'phone',
        tone: 'bad',
        emergency: true,
        restart: false,
      };
    case 'done':
    case 'no_show':
    case undefined:
      return COMPLETED;
  }
}

/** What an appointment's link does not do: begin a visit anew. */
const OF_APPOINTMENT: Partial<Record<Outcome['type'], Partial<Look>>> = {
  no_show: {
    heading: 'ended.no_show.appointment.heading',
    text: 'ended.no_show.appointment.text',
  },
  connection_lost: { text: 'ended.lost.appointment.text' },
};

export function ending(outcome: Outcome, appointment = false): Ending {
  const end = endingOf(outcome);
  return appointment ? { ...end, ...OF_APPOINTMENT[outcome.type], restart: false } : end;
}

function endingOf(outcome: Outcome): Ending {
  switch (outcome.type) {
    case 'completed':
      return { ...concluded(outcome.conclusion), words: '' };
    case 'emergency':
      return { ...EMERGENCY, words: '' };
    case 'no_show':
      return { ...NO_SHOW, words: '' };
    case 'cancelled':
      return { ...CANCELLED, words: '' };
    case 'left':
    case 'transferred':
      return { ...LEFT, words: '' };
    case 'connection_lost':
      return { ...LOST, words: '' };
    case 'declined': {
      const emergency = outcome.reason === 'emergency';
      return {
        heading: `ended.declined.${outcome.reason}.heading`,
        text: `ended.declined.${outcome.reason}.text`,
        icon: emergency ? 'phone' : 'info',
        tone: emergency ? 'bad' : 'warm',
        words: outcome.message.trim(),
        emergency,
        restart: false,
      };
    }
  }
}
