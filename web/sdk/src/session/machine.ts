/**
 * When to connect, prove, ping and give up. Knows no socket and no clock: it is told what happened
 * and when, and says what to do.
 */

import type { ProblemCode } from '../contract.ts';
import {
  PROTOCOL_VERSION,
  type ClientMessage,
  type ClosingReason,
  type ErrorBody,
  type Reply,
  type Request,
  type ServerMessage,
} from '../wire.ts';
import {
  DOUBT_MS,
  GREETING_MS,
  PING_MS,
  PROBE_MS,
  RECONNECT_MS,
  ROUND_TRIPS,
  SILENCE_MS,
} from './limits.ts';
import { Requests, type Answer } from './requests.ts';

/** What the page is told of the server's messages. */
export type Told = Exclude<ServerMessage, { type: 'challenge' | 'reply' | 'refused' | 'closing' }>;

export type Command =
  | { readonly type: 'connect' }
  | { readonly type: 'disconnect' }
  /** Sign this challenge; the answer is `proved`. */
  | { readonly type: 'prove'; readonly nonce: string }
  | { readonly type: 'send'; readonly message: ClientMessage }
  | { readonly type: 'up'; readonly welcome: Welcome; readonly sentAt: number }
  | { readonly type: 'down' }
  | { readonly type: 'tell'; readonly message: Told }
  /** Connecting failed, and is tried again. */
  | { readonly type: 'unreachable' }
  /** It is over here, until `start` is called again. */
  | { readonly type: 'stopped'; readonly why: Stop };

export type Welcome = Extract<Reply, { type: 'welcome' }>;

export type Stop =
  | { readonly type: 'replaced' }
  | { readonly type: 'ended' }
  | { readonly type: 'refused'; readonly code: ProblemCode };

export interface Credentials {
  readonly session: string;
  readonly instance: string;
}

type State =
  | { readonly name: 'stopped' }
  | { readonly name: 'waiting'; readonly until: number }
  /** From the socket's opening until the server's welcome. */
  | { readonly name: 'greeting'; readonly deadline: number; readonly helloAt: number | null }
  | { readonly name: 'open'; readonly pingAt: number; readonly silentAt: number | null };

export interface MachinePorts {
  command(command: Command): void;
  /** From 0 to 1. */
  random(): number;
}

/** The id of `hello`; requests count from 1. */
const HELLO = 0;

/** What a `hello` was refused with that no other try will change. */
const HOPELESS = ['session_unknown', 'proof_invalid', 'unsupported_protocol', 'origin_refused'];

export class SessionMachine {
  readonly #ports: MachinePorts;
  readonly #requests = new Requests();
  #credentials: Credentials | null = null;
  #state: State = { name: 'stopped' };
  #failures = 0;
  /** What the server's welcome and its last answers to pings took, in milliseconds. */
  #roundTrips: readonly number[] = [];
  #receivedAt = 0;

  constructor(ports: MachinePorts) {
    this.#ports = ports;
  }

  get isOpen(): boolean {
    return this.#state.name === 'open';
  }

  start(credentials: Credentials, now: number): void {
    this.#leave();
    // What was asked as somebody else is not asked again.
    if (this.#credentials?.session !== credentials.session) this.#requests.stop();
    this.#credentials = credentials;
    this.#failures = 0;
    this.#connect(now);
  }

  stop(): void {
    this.#leave();
    this.#requests.stop();
    this.#state = { name: 'stopped' };
  }

  request(request: Request, now: number, answered: (answer: Answer) => void): void {
    this.#requests.add(request, this.isOpen, now, answered);
    if (this.#state.name === 'stopped') this.#requests.stop();
    if (this.isOpen) this.#flush(now);
  }

  /** A message of the server. */
  received(message: ServerMessage, now: number): void {
    this.#receivedAt = now;
    const state = this.#state;
    if (state.name === 'open') this.#state = { ...state, silentAt: null };
    switch (message.type) {
      case 'challenge':
        if (state.name === 'greeting') this.#ports.command({ type: 'prove', nonce: message.nonce });
        return;
      case 'reply':
        return message.id === HELLO
          ? this.#welcomed(message.reply, now)
          : this.#requests.replied(message.id, message.reply);
      case 'refused':
        if (message.id === null) return;
        return message.id === HELLO
          ? this.#turnedAway(message.error, now)
          : this.#requests.refused(message.id, message.error);
      case 'closing':
        return this.#closing(message.reason, now);
      case 'patient':
      case 'practitioner':
      case 'companion':
      case 'slots':
      case 'layers':
      case 'redundancy':
      case 'log':
      case 'acknowledged':
        return this.#ports.command({ type: 'tell', message });
    }
  }

  /** The device signed the challenge. */
  proved(proof: string, now: number): void {
    if (this.#state.name !== 'greeting' || this.#credentials === null) return;
    const { session, instance } = this.#credentials;
    const protocol = [PROTOCOL_VERSION];
    const request: Request = { type: 'hello', protocol, session, proof, instance };
    this.#state = { ...this.#state, helloAt: now };
    this.#ports.command({ type: 'send', message: { id: HELLO, request } });
  }

  /** The socket closed, or could not be opened. */
  closed(now: number): void {
    if (this.#state.name === 'open' || this.#state.name === 'greeting') this.#fail(now);
  }

  /** The page came to the front: no reason to wait any longer. */
  nudge(now: number): void {
    this.#probe(now, PROBE_MS);
  }

  /** The network is there again: what was begun without it is begun anew, as its first packet is lost. */
  networkIsBack(now: number): void {
    if (this.#state.name !== 'greeting') return this.doubt(now);
    this.#leave();
    this.#connect(now);
  }

  /** The network is likely to be gone, or another. */
  doubt(now: number): void {
    // A page that was busy when it was answered took that for the line's time: the shortest is nearest to it.
    this.#probe(now, DOUBT_MS + 2 * Math.min(...this.#roundTrips));
  }

  /** Time has passed. */
  tick(now: number): void {
    this.#requests.expire(now);
    const state = this.#state;
    switch (state.name) {
      case 'stopped':
        return;
      case 'waiting':
        return state.until <= now ? this.#connect(now) : undefined;
      case 'greeting':
        return state.deadline <= now ? this.#fail(now) : undefined;
      case 'open':
        if (state.silentAt !== null && state.silentAt <= now) return this.#fail(now);
        return state.pingAt <= now
          ? this.#ping(now, state.silentAt ?? now + SILENCE_MS)
          : undefined;
    }
  }

  /** When `tick` is due next. */
  get wakeAt(): number | null {
    const times = [this.#requests.deadline, ...timesOf(this.#state)];
    const due = times.filter((time) => time !== null);
    return due.length > 0 ? Math.min(...due) : null;
  }

  /** Connects at once, or finds out whether the socket lives. */
  #probe(now: number, patience: number): void {
    const state = this.#state;
    if (state.name === 'waiting') return this.#connect(now);
    if (state.name !== 'open') return;
    this.#ping(now, Math.min(state.silentAt ?? Infinity, now + patience));
  }

  #connect(now: number): void {
    this.#state = { name: 'greeting', deadline: now + GREETING_MS, helloAt: null };
    this.#ports.command({ type: 'connect' });
  }

  #welcomed(reply: Reply, now: number): void {
    const state = this.#state;
    if (state.name !== 'greeting' || reply.type !== 'welcome') return;
    this.#failures = 0;
    this.#roundTrips = [now - (state.helloAt ?? now)];
    this.#state = { name: 'open', pingAt: now + PING_MS, silentAt: null };
    this.#ports.command({ type: 'up', welcome: reply, sentAt: state.helloAt ?? now });
    this.#flush(now);
  }

  #turnedAway({ code, retry_after_ms }: ErrorBody, now: number): void {
    if (HOPELESS.includes(code)) return this.#stopFor({ type: 'refused', code });
    this.#fail(now, retry_after_ms ?? 0);
  }

  #closing(reason: ClosingReason, now: number): void {
    switch (reason) {
      case 'replaced':
        return this.#stopFor({ type: 'replaced' });
      case 'session_ended':
        return this.#stopFor({ type: 'ended' });
      case 'shutting_down':
      case 'too_slow':
      case 'protocol':
        return this.#fail(now);
    }
  }

  #stopFor(why: Stop): void {
    this.stop();
    this.#ports.command({ type: 'stopped', why });
  }

  #ping(now: number, silentAt: number): void {
    this.#state = { name: 'open', pingAt: now + PING_MS, silentAt };
    this.request({ type: 'ping' }, now, (answer) => {
      if ('error' in answer) return;
      this.#roundTrips = [...this.#roundTrips, this.#receivedAt - now].slice(-ROUND_TRIPS);
    });
  }

  #flush(now: number): void {
    for (const message of this.#requests.flush(now)) this.#ports.command({ type: 'send', message });
  }

  #fail(now: number, atLeast = 0): void {
    this.#leave();
    const [first, longest] = RECONNECT_MS;
    const wait =
      Math.min(first * 2 ** this.#failures, longest) * (0.5 + 0.5 * this.#ports.random());
    this.#failures += 1;
    this.#state = { name: 'waiting', until: now + Math.max(wait, atLeast) };
    this.#ports.command({ type: 'unreachable' });
  }

  /** Lets go of the socket, if there is one. */
  #leave(): void {
    const { name } = this.#state;
    if (name !== 'open' && name !== 'greeting') return;
    this.#requests.lost();
    this.#state = { name: 'stopped' };
    this.#ports.command({ type: 'disconnect' });
    if (name === 'open') this.#ports.command({ type: 'down' });
  }
}

function timesOf(state: State): readonly (number | null)[] {
  switch (state.name) {
    case 'stopped':
      return [];
    case 'waiting':
      return [state.until];
    case 'greeting':
      return [state.deadline];
    case 'open':
      return [state.pingAt, state.silentAt];
  }
}
