/** A page's life: its session, its encryption, its connection and its devices, put together. */

import {
  VestibuleError,
  type ClientCode,
  type ClientOptions,
  type ConnectionStatus,
  type MoveLink,
  type ProblemCode,
} from './contract.ts';
import { canEncrypt, CryptoEngine } from './crypto/engine.ts';
import type { GroupState, Outcome } from './crypto/group/ports.ts';
import type { FromWorker } from './crypto/messages.ts';
import { ADMISSION_RETRY_MS, RENEWALS, RENEWALS_WITHIN_MS } from './limits.ts';
import { Calls } from './media/calls.ts';
import { LocalMedia } from './media/local.ts';
import { consultationState, keepIfSame } from './people.ts';
import { Admission } from './session/admission.ts';
import { openApi } from './session/http.ts';
import { companionLink, hideLink, moveUrl, readLink, readRefusal } from './session/link.ts';
import type { Stop, Told } from './session/machine.ts';
import type { Answer } from './session/requests.ts';
import { Session } from './session/session.ts';
import { openVault, type StoredSession } from './session/vault.ts';
import type { Store } from './store.ts';
import type {
  CompanionRole,
  CompanionSnapshot,
  ConsultationView,
  PatientSnapshot,
  PractitionerSnapshot,
  Reply,
  Request,
  Role,
} from './wire.ts';

type Snapshot = PatientSnapshot | PractitionerSnapshot | CompanionSnapshot;

const NO_GROUP: GroupState = {
  encryption: 'pending',
  safetyCode: null,
  chat: [],
  people: [],
  doubts: [],
};

/** What exists once the browser was found to be able. */
interface Parts {
  readonly admission: Admission;
  readonly session: Session;
  readonly engine: CryptoEngine;
  readonly calls: Calls;
}

export class Page {
  readonly #role: Role;
  readonly #location: Location;
  readonly #store: Store;
  readonly local: LocalMedia;
  #parts: Parts | null = null;
  #stored: StoredSession | null = null;
  #group = NO_GROUP;
  /** The consultation in which media was connected at some time. */
  #connectedIn: string | null = null;
  /** What the server was last told of our media. */
  #announced = '';
  #renewals: number[] = [];
  /** The server refused a session since it last took one: a second refusal in a row is final. */
  #turnedAwayBefore = false;
  #closed = false;

  constructor({ role, location }: ClientOptions, store: Store) {
    this.#role = role;
    this.#location = location ?? globalThis.location;
    this.#store = store;
    this.local = new LocalMedia(() => this.#show());
    this.#begin().catch(() => this.#refuse(new VestibuleError('unsupported_browser', false)));
  }

  get consultation(): ConsultationView | null {
    return this.#snapshot?.consultation ?? null;
  }

  /** Asks the server for something on behalf of a person. */
  async act(request: Request): Promise<void> {
    await this.#ask(request);
  }

  async moveLink(): Promise<MoveLink> {
    const reply = await this.#ask({ type: 'move' });
    if (reply.type !== 'moving') throw new VestibuleError('malformed', false);
    const { origin, pathname } = this.#location;
    const expiresAt = reply.expires_at - this.#store.state.clockOffset;
    return { url: moveUrl(origin + pathname, reply.token), expiresAt };
  }

  /** Makes a link for somebody who is to come along. */
  async invite(role: CompanionRole, visit?: string): Promise<string> {
    return this.link({ type: 'invite', role, ...(visit && { visit }) });
  }

  async inviteColleague(visit: string, colleague: string): Promise<void> {
    await this.#ask({ type: 'invite', role: 'second_practitioner', visit, colleague });
  }

  /** Asks for something whose answer is a link to come along by. */
  async link(request: Request): Promise<string> {
    const reply = await this.#ask(request);
    if (reply.type !== 'invitation') throw new VestibuleError('network', true);
    return companionLink(this.#location.origin, reply.token);
  }

  async #ask(request: Request): Promise<Reply> {
    if (this.#parts === null) {
      const { problem } = this.#store.state;
      throw new VestibuleError(problem?.code ?? 'network', problem?.retryable ?? true);
    }
    return this.#parts.session.request(request);
  }

  say(text: string): void {
    if (this.consultation === null) throw new VestibuleError('not_in_consultation', false);
    const at = Date.now() + this.#store.state.clockOffset;
    this.#parts?.engine.tell({ type: 'say', id: crypto.randomUUID(), text, at });
  }

  sized(participant: string, pixels: number | null): void {
    this.#parts?.calls.sized(participant, pixels);
  }

  judge(same: boolean): void {
    this.#parts?.engine.tell({ type: 'judge', same });
  }

  /** After the session was opened elsewhere: continues here, as a new page. */
  async takeOver(): Promise<void> {
    if (this.#store.state.status !== 'replaced') return;
    this.#store.set({ status: 'opening', problem: null });
    this.#enterAnew();
    await this.local.resume();
  }

  /** Another session by the same walk-in link. */
  async restart(): Promise<void> {
    if (this.#parts === null) throw new VestibuleError('network', true);
    const stored = await this.#parts.admission.renew(Date.now());
    this.#parts.calls.want(null);
    this.#store.set({ status: 'opening', problem: null, patient: null, consultation: null });
    this.#enter(stored);
  }

  /** Whether somebody may sign in here; not, where that cannot be found out. */
  async offersSignIn(): Promise<boolean> {
    const offered = this.#parts?.admission.offersSignIn(Date.now());
    return (await offered?.catch(() => false)) ?? false;
  }

  /** Leaves for the identity provider, which sends people back. */
  async signIn(): Promise<void> {
    if (this.#parts === null) throw new VestibuleError('network', true);
    this.#location.assign(await this.#parts.admission.signIn(Date.now()));
  }

  close(): void {
    this.#closed = true;
    this.#parts?.session.close();
    this.#parts?.calls.close();
    this.#parts?.engine.close();
    this.local.close();
  }

  get #snapshot(): Snapshot | null {
    const { patient, practitioner, companion } = this.#store.state;
    return patient ?? practitioner ?? companion;
  }

  async #begin(): Promise<void> {
    if (!canEncrypt()) throw new VestibuleError('unsupported_browser', false);
    const { origin, hash } = this.#location;
    // Its script is on the way while the rest is read.
    const awake = this.#insist(() => CryptoEngine.awaken((it) => this.#heard(it)));
    awake.catch(() => undefined);
    const vault = await openVault();
    const key = await vault.deviceKey();
    const beside = this.#role === 'companion' && (await vault.load('practitioner', Date.now()));
    this.#store.set({ besidePractitioner: Boolean(beside) });
    // Without a worker nobody would know how to talk to us, and would wait for it.
    const engine = await awake;
    if (engine === null || this.#closed) return engine?.close();
    const admission = new Admission(this.#role, vault, openApi(origin), readLink(hash));
    const session = new Session(origin, key.privateKey, {
      up: (offset) => this.#up(offset),
      down: () => this.#down(),
      told: (message) => this.#told(message),
      unreachable: () => this.#unreachable(),
      stopped: (why) => this.#stopped(why),
    });
    const calls = new Calls(session, engine, () => this.#show());
    this.#parts = { admission, session, engine, calls };
    const refused = readRefusal(hash);
    if (refused !== null) {
      hideLink(this.#location);
      return this.#refuse(new VestibuleError(refused, false));
    }
    await this.#admit(() => admission.find(Date.now()));
  }

  /** Tries to get a session until there is one, or none is to be had. */
  async #admit(find: () => Promise<StoredSession>): Promise<void> {
    try {
      const stored = await this.#insist(find);
      if (stored === null) return;
      hideLink(this.#location);
      this.#enter(stored);
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Tries again and again what fails for now, ever more rarely; null when the page was closed before it went well. */
  async #insist<T>(attempt: () => Promise<T>): Promise<T | null> {
    let [wait, longest] = ADMISSION_RETRY_MS as readonly [number, number];
    while (!this.#closed) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof VestibuleError && error.retryable)) throw error;
        this.#store.set({ problem: { code: error.code, retryable: true } });
        await new Promise((resolve) => setTimeout(resolve, wait));
        wait = Math.min(2 * wait, longest);
      }
    }
    return null;
  }

  #enter(stored: StoredSession): void {
    this.#stored = stored;
    this.#enterAnew();
  }

  /** As a new page: what was one's leaf and epoch is over. */
  #enterAnew(): void {
    if (this.#parts === null || this.#stored === null) return;
    const { engine, session } = this.#parts;
    const { participant, session: secret } = this.#stored;
    const instance = crypto.randomUUID();
    this.#group = NO_GROUP;
    engine.start({ participant, instance }, this.#role);
    session.start({ session: secret, instance });
  }

  #up(clockOffset: number): void {
    this.#turnedAwayBefore = false;
    this.#store.set({ status: 'online', problem: null, clockOffset });
    this.#parts?.engine.tell({ type: 'online' });
    this.#parts?.calls.signaling(true);
    this.#announced = '';
    this.#show();
  }

  #down(): void {
    this.#parts?.engine.tell({ type: 'offline' });
    this.#parts?.calls.signaling(false);
  }

  #unreachable(): void {
    const status = this.#store.state.status === 'opening' ? 'opening' : 'reconnecting';
    this.#store.set({ status, problem: { code: 'network', retryable: true } });
  }

  #told(message: Told): void {
    switch (message.type) {
      case 'patient': {
        const { type: _, ...patient } = message;
        if (this.#isOld(patient.revision)) return;
        return this.#see(patient, { patient });
      }
      case 'practitioner': {
        const { type: _, ...practitioner } = message;
        if (this.#isOld(practitioner.revision)) return;
        return this.#see(practitioner, { practitioner });
      }
      case 'companion': {
        const { type: _, ...companion } = message;
        if (this.#isOld(companion.revision)) return;
        return this.#see(companion, { companion });
      }
      case 'slots':
        return this.#parts?.calls.told(message);
      case 'layers':
        return this.#parts?.calls.asked(message);
      case 'redundancy':
        return this.#parts?.calls.allowed(message);
      case 'log':
      case 'acknowledged':
        return this.#parts?.engine.tell(message);
    }
  }

  #isOld(revision: number): boolean {
    return revision < (this.#snapshot?.revision ?? 0);
  }

  #see(snapshot: Snapshot, change: Partial<Store['state']>): void {
    const first = this.#snapshot === null;
    this.#store.set(change);
    this.#parts?.engine.tell({ type: 'view', view: snapshot.consultation });
    this.#parts?.calls.want(snapshot.leg);
    if ('visit' in snapshot && snapshot.visit?.state.type === 'ended') this.#visitEnded(first);
    if ('state' in snapshot && takesNoPart(snapshot)) this.local.release();
    this.#show();
  }

  /** Whoever opens a walk-in link again after their visit comes for another one. */
  #visitEnded(first: boolean): void {
    this.local.release();
    if (first && this.#parts?.admission.hasLink === true) {
      this.restart().catch((error: unknown) => this.#refuse(error));
    }
  }

  #stopped(why: Stop): void {
    switch (why.type) {
      case 'replaced':
        return this.#leave('replaced');
      case 'ended':
        return this.#leave('ended');
      case 'refused':
        void this.#turnedAway(new VestibuleError(why.code, false));
    }
  }

  /** The server does not know the session: the link may bring another. */
  async #turnedAway(error: VestibuleError): Promise<void> {
    const { admission } = this.#parts ?? {};
    const hopeless = this.#turnedAwayBefore || error.code === 'unsupported_protocol';
    this.#turnedAwayBefore = true;
    if (admission === undefined || hopeless) return this.#refuse(error);
    await this.#admit(() =>
      admission.replace(Date.now()).catch((failure: unknown) => {
        const linkless = failure instanceof VestibuleError && failure.code === 'no_link';
        throw linkless ? error : failure;
      }),
    );
  }

  #refuse(error: unknown): void {
    const { code, retryable } =
      error instanceof VestibuleError ? error : new VestibuleError('unsupported_browser', false);
    this.#leave('refused');
    this.#store.set({ problem: { code, retryable } });
  }

  /** Nothing goes on here any more: no picture is sent, no device is open. */
  #leave(status: ConnectionStatus): void {
    this.#parts?.calls.want(null);
    this.#parts?.engine.tell({ type: 'view', view: null });
    this.local.release();
    this.#store.set({ status, problem: null });
    this.#show();
  }

  #heard(message: FromWorker): void {
    switch (message.type) {
      case 'request':
        return void this.#passOn(message);
      case 'state':
        this.#group = message.state;
        return this.#show();
      case 'lost':
      case 'failed':
        return this.#renew();
      case 'shown':
        return this.#parts?.calls.shown(message.slot, message.participant);
      case 'hidden':
        return this.#parts?.calls.hidden(message.slot);
      case 'rejected':
        return;
    }
  }

  async #passOn({ request, token }: Extract<FromWorker, { type: 'request' }>): Promise<void> {
    const answer = await this.#parts?.session.ask(request);
    if (answer === undefined) return;
    this.#parts?.engine.tell({ type: 'outcome', token, outcome: outcomeOf(answer) });
  }

  /** Joins the group as a new page; not for ever: somebody may be playing with us. */
  #renew(): void {
    const now = performance.now();
    this.#renewals = this.#renewals.filter((at) => now - at < RENEWALS_WITHIN_MS);
    if (this.#renewals.length < RENEWALS) {
      this.#renewals.push(now);
      return this.#enterAnew();
    }
    this.#group = { ...this.#group, encryption: 'failed', safetyCode: null };
    this.#show();
  }

  #show(): void {
    this.#send();
    this.#announce();
    const { consultation: before } = this.#store.state;
    const consultation = keepIfSame(before, this.#consultationState());
    this.#store.set({ media: this.local.state, consultation });
  }

  #consultationState(): Store['state']['consultation'] {
    const view = this.consultation;
    if (view === null || this.#parts === null || this.#stored === null) return null;
    const { calls } = this.#parts;
    if (calls.isUp) this.#connectedIn = view.consultation;
    const broken = this.#connectedIn === view.consultation ? 'interrupted' : 'connecting';
    return consultationState({
      view,
      own: this.#stored.participant,
      media: calls.isUp ? 'connected' : broken,
      group: this.#group,
      streams: calls.streams,
    });
  }

  /** Sound and picture go to the encoder at admission, and out once there is a key to seal them with. */
  #send(): void {
    const open = this.#snapshot?.leg?.open === true && this.consultation !== null;
    const failed = this.#group.encryption === 'failed';
    this.#parts?.calls.send(open && !failed ? this.local.tracks : {});
  }

  /** Tells the others what we send. */
  #announce(): void {
    if (this.#store.state.status !== 'online' || this.consultation === null) return;
    const { microphone, camera } = this.local.state;
    const announced = `${this.consultation.consultation} ${microphone} ${camera}`;
    if (announced === this.#announced) return;
    this.#announced = announced;
    void this.#parts?.session.ask({ type: 'set_media', microphone, camera });
  }
}

/** Whose devices are of no use to anybody. */
function takesNoPart({ state }: CompanionSnapshot): boolean {
  return state.type === 'over' || state.type === 'away';
}

/** Codes that arise here and not at the server, which the group has no other use for. */
const LOCAL_CODES: Record<ClientCode, true> = {
  unsupported_browser: true,
  network: true,
  no_link: true,
  media: true,
};

function isLocal(code: ProblemCode): code is ClientCode {
  return Object.hasOwn(LOCAL_CODES, code);
}

function outcomeOf(answer: Answer): Outcome {
  if ('reply' in answer) return answer;
  const { code } = answer.error;
  return { error: isLocal(code) ? 'network' : code, retryAfter: answer.retryAfter };
}
