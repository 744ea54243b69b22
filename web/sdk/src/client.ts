/** Opens the client of a page. */

import {
  VestibuleError,
  type ClientOptions,
  type ClientState,
  type ProblemCode,
  type VestibuleClient,
} from './contract.ts';
import { CHAT_CHARS } from './crypto/limits.ts';
import { NO_MEDIA } from './media/local.ts';
import { Page } from './page.ts';
import { Store } from './store.ts';
import { WIRE_LIMITS } from './wire.ts';

const FIRST_STATE: ClientState = {
  status: 'opening',
  problem: null,
  clockOffset: 0,
  patient: null,
  practitioner: null,
  companion: null,
  besidePractitioner: false,
  media: NO_MEDIA,
  consultation: null,
};

type DeskAction =
  | 'admit'
  | 'call'
  | 'decline'
  | 'message'
  | 'setUrgency'
  | 'transfer'
  | 'hold'
  | 'resume'
  | 'setDuty'
  | 'takeOn'
  | 'end';

/** Finds the page's link or stored session, connects, and keeps the state up to date. */
export function openClient(options: ClientOptions): VestibuleClient {
  const store = new Store(FIRST_STATE);
  const page = new Page(options, store);
  const { local } = page;
  return {
    get state() {
      return store.state;
    },
    subscribe: (run) => store.subscribe(run),

    async arrive({ name, reason, wish }) {
      const { nameChars, reasonChars } = WIRE_LIMITS;
      await page.act({
        type: 'arrive',
        name: within(name, 1, nameChars, 'invalid_name'),
        reason: within(reason, 0, reasonChars, 'invalid_text'),
        ...(wish && { wish }),
      });
    },
    answer: (answer) => page.act({ type: 'answer', answer }),
    answerForm: (answers) => page.act({ type: 'answer_form', answers: { ...answers } }),
    consent: (act, version) => page.act({ type: 'consent', act, version }),
    checkDevices: (suitable) => page.act({ type: 'check_devices', suitable }),
    claimException: (exception) => page.act({ type: 'claim_exception', exception }),
    askAgain: (gate, visit) => page.act({ type: 'ask_again', gate, ...(visit && { visit }) }),
    openGate: (visit, gate, exception) =>
      page.act({ type: 'open_gate', visit, gate, ...(exception && { exception }) }),
    leave: () => page.act({ type: 'leave' }),
    moveLink: () => page.moveLink(),
    async giveFeedback(written) {
      const text = within(written, 1, WIRE_LIMITS.feedbackChars, 'invalid_text');
      await page.act({ type: 'feedback', text });
    },
    async writeNote(consultation, written) {
      const text = within(written, 1, WIRE_LIMITS.noteChars, 'invalid_text');
      await page.act({ type: 'note', consultation, text });
    },
    invite: (role, visit) => page.invite(role, visit),
    inviteColleague: (visit, colleague) => page.inviteColleague(visit, colleague),
    join: (invitation) => page.link({ type: 'join', invitation }),
    declineInvitation: (invitation) => page.act({ type: 'decline_invitation', invitation }),
    async withdrawInvitation(invitation, visit) {
      await page.act({ type: 'withdraw_invitation', invitation, ...(visit && { visit }) });
    },
    ...deskOf(page),

    startMedia: () => local.start(),
    setMicrophone: (on) => local.setMicrophone(on),
    setCamera: (on) => local.setCamera(on),
    chooseDevice: (kind, id) => local.choose(kind, id),
    microphoneLevel: () => local.level,
    testSpeaker: () => local.testSpeaker(),
    setShownSize: (participant, pixels) => page.sized(participant, pixels),

    async sendChat(text) {
      page.say(within(text, 1, CHAT_CHARS, 'invalid_text'));
    },
    async judgeSafetyCode(same) {
      page.judge(same);
    },
    takeOver: () => page.takeOver(),
    restart: () => page.restart(),
    offersSignIn: () => page.offersSignIn(),
    signIn: () => page.signIn(),
    close: () => page.close(),
  };
}

/** What practitioners do with those who wait and those whom they see. */
function deskOf(page: Page): Pick<VestibuleClient, DeskAction> {
  return {
    admit: (visit, overtake) => page.act({ type: 'admit', visit, ...(overtake && { overtake }) }),
    call: (visit) => page.act({ type: 'call', visit }),
    async decline(visit, reason, message) {
      const text = within(message, 0, WIRE_LIMITS.declineMessageChars, 'invalid_text');
      await page.act({ type: 'decline', visit, reason, message: text });
    },
    async message(visit, written) {
      const text = within(written, 0, WIRE_LIMITS.staffMessageChars, 'invalid_text');
      await page.act({ type: 'message', visit, text });
    },
    setUrgency: (visit, urgency) => page.act({ type: 'set_urgency', visit, urgency }),
    transfer: (visit, to) => page.act({ type: 'transfer', visit, to }),
    async hold() {
      await page.act({ type: 'hold', consultation: ongoing(page) });
    },
    resume: (consultation) => page.act({ type: 'resume', consultation }),
    takeOn: (consultation, regular) => page.act({ type: 'take_on', consultation, regular }),
    setDuty: (duty) => page.act({ type: 'set_duty', duty }),
    async end(conclusion) {
      const consultation = ongoing(page);
      await page.act({ type: 'end', consultation, ...(conclusion && { conclusion }) });
    },
  };
}

/** The consultation that the page is in. */
function ongoing(page: Page): string {
  const { consultation } = page.consultation ?? {};
  if (consultation === undefined) throw new VestibuleError('not_in_consultation', false);
  return consultation;
}

/** The text as the server will count it, or a refusal that saves the way there. */
function within(text: string, least: number, most: number, code: ProblemCode): string {
  const trimmed = text.trim();
  const characters = [...trimmed].length;
  if (characters < least || characters > most) throw new VestibuleError(code, false);
  return trimmed;
}
