/** A client that shows a given state and does what it is asked without doing anything. */

import type { ClientState, MoveLink, VestibuleClient } from '@vestibule/client';
import type { GalleryScene, Refused } from './fixtures/scene.ts';
import { NOW } from './fixtures/states.ts';

/** As long as a real one, which says how fine the code is. */
const MOVE: MoveLink = {
  url: `https://vestibule.example/visit#j=${'eyJhbGciOiJFZERTQSJ9'.repeat(20)}`,
  expiresAt: NOW + 5 * 60_000,
};

/** A loud word, so that the level shows. */
const LEVEL = 0.62;

/** One action that the page asked for. */
export interface Asked {
  readonly action: string;
  readonly values: readonly unknown[];
}

export interface FixtureClient extends VestibuleClient {
  /** What was asked so far. */
  readonly asked: readonly Asked[];
  /** Hands out another state. */
  become(state: ClientState): void;
}

/** What of a scene is the client's. */
type Part = Pick<GalleryScene, 'offersSignIn' | 'refused'>;

/** Writes down what is asked for, and says no to what the scene refuses. */
function recorder(asked: Asked[], refused?: Refused) {
  return (action: string) =>
    async (...values: unknown[]): Promise<void> => {
      asked.push({ action, values });
      if (refused?.action === action) throw Object.assign(new Error(refused.code), refused);
    };
}

export function fixtureClient(
  first: ClientState,
  { offersSignIn = false, refused }: Part = {},
): FixtureClient {
  let current = first;
  const listeners = new Set<(state: ClientState) => void>();
  const asked: Asked[] = [];
  const records = recorder(asked, refused);
  return {
    asked,
    get state() {
      return current;
    },
    become(state) {
      current = state;
      for (const listener of listeners) listener(state);
    },
    subscribe(run) {
      listeners.add(run);
      run(current);
      return () => listeners.delete(run);
    },
    arrive: records('arrive'),
    leave: records('leave'),
    moveLink: () => Promise.resolve(MOVE),
    giveFeedback: records('giveFeedback'),
    writeNote: records('writeNote'),
    answerForm: records('answerForm'),
    consent: records('consent'),
    checkDevices: records('checkDevices'),
    claimException: records('claimException'),
    askAgain: records('askAgain'),
    openGate: records('openGate'),
    answer: records('answer'),
    invite: (...values) =>
      records('invite')(...values).then(() => 'https://vestibule.example/companion#j=abc.def.ghi'),
    inviteColleague: records('inviteColleague'),
    join: (...values) => records('join')(...values).then(() => 'about:blank'),
    declineInvitation: records('declineInvitation'),
    withdrawInvitation: records('withdrawInvitation'),
    admit: records('admit'),
    call: records('call'),
    decline: records('decline'),
    message: records('message'),
    setUrgency: records('setUrgency'),
    transfer: records('transfer'),
    hold: records('hold'),
    resume: records('resume'),
    takeOn: records('takeOn'),
    setDuty: records('setDuty'),
    end: records('end'),
    startMedia: records('startMedia'),
    setMicrophone: records('setMicrophone'),
    setCamera: records('setCamera'),
    chooseDevice: records('chooseDevice'),
    microphoneLevel: () => LEVEL,
    testSpeaker: records('testSpeaker'),
    setShownSize: () => undefined,
    sendChat: records('sendChat'),
    judgeSafetyCode: records('judgeSafetyCode'),
    takeOver: records('takeOver'),
    restart: records('restart'),
    offersSignIn: () => Promise.resolve(offersSignIn),
    signIn: records('signIn'),
    close: () => undefined,
  };
}
