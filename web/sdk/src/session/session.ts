/** The session's socket and timers: what the machine says, done. */

import type { Reply, Request } from '../wire.ts';
import { decodeServerMessage } from './decode.ts';
import {
  SessionMachine,
  type Command,
  type Credentials,
  type Stop,
  type Told,
  type Welcome,
} from './machine.ts';
import { prove } from './proof.ts';
import type { Answer } from './requests.ts';

export interface SessionEvents {
  /** The session is open; with the server's time minus ours. */
  up(clockOffset: number): void;
  down(): void;
  told(message: Told): void;
  unreachable(): void;
  stopped(why: Stop): void;
}

export class Session {
  readonly #url: string;
  readonly #key: CryptoKey;
  readonly #events: SessionEvents;
  readonly #machine: SessionMachine;
  #credentials: Credentials | null = null;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(origin: string, key: CryptoKey, events: SessionEvents) {
    this.#url = `${origin.replace(/^http/, 'ws')}/api/v1/ws`;
    this.#key = key;
    this.#events = events;
    this.#machine = new SessionMachine({
      command: (command) => this.#obey(command),
      random: Math.random,
    });
    addEventListener('online', this.#online);
    addEventListener('pageshow', this.#nudge);
    document.addEventListener('visibilitychange', this.#nudge);
  }

  start(credentials: Credentials): void {
    this.#credentials = credentials;
    this.#run((now) => this.#machine.start(credentials, now));
  }

  /** Stops until `start`. */
  stop(): void {
    this.#run(() => this.#machine.stop());
    this.#drop();
  }

  close(): void {
    this.stop();
    removeEventListener('online', this.#online);
    removeEventListener('pageshow', this.#nudge);
    document.removeEventListener('visibilitychange', this.#nudge);
  }

  /** Media stopped: the network may be gone, and the socket with it, of which no browser need tell. */
  doubt(): void {
    this.#run((now) => this.#machine.doubt(now));
  }

  /** Asks the server; the answer says what became of it, and when to ask again. */
  ask(request: Request): Promise<Answer> {
    return new Promise((resolve) => {
      this.#run((now) => this.#machine.request(request, now, resolve));
    });
  }

  /** Asks the server; rejects with what it was refused for. */
  async request(request: Request): Promise<Reply> {
    const answer = await this.ask(request);
    if ('error' in answer) throw answer.error;
    return answer.reply;
  }

  readonly #nudge = (): void => {
    if (document.visibilityState === 'hidden') return;
    this.#run((now) => this.#machine.nudge(now));
  };

  readonly #online = (): void => this.#run((now) => this.#machine.networkIsBack(now));

  #run(step: (now: number) => void): void {
    step(performance.now());
    clearTimeout(this.#timer);
    const at = this.#machine.wakeAt;
    if (at === null) return;
    const wait = Math.max(0, at - performance.now());
    this.#timer = setTimeout(() => this.#run((now) => this.#machine.tick(now)), wait);
  }

  #obey(command: Command): void {
    switch (command.type) {
      case 'connect':
        return this.#connect();
      case 'disconnect':
        return this.#drop();
      case 'prove':
        return void this.#prove(command.nonce);
      case 'send':
        return this.#socket?.send(JSON.stringify(command.message));
      case 'up':
        return this.#events.up(offset(command.welcome, command.sentAt));
      case 'down':
        return this.#events.down();
      case 'tell':
        return this.#events.told(command.message);
      case 'unreachable':
        return this.#events.unreachable();
      case 'stopped':
        return this.#events.stopped(command.why);
    }
  }

  #connect(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const message = decodeServerMessage(data);
      if (message !== null && this.#socket === socket) {
        this.#run((now) => this.#machine.received(message, now));
      }
    };
    socket.onclose = () => {
      if (this.#socket === socket) this.#run((now) => this.#machine.closed(now));
    };
  }

  async #prove(nonce: string): Promise<void> {
    const socket = this.#socket;
    const credentials = this.#credentials;
    if (credentials === null) return;
    const proof = await prove(this.#key, nonce, credentials.session);
    if (this.#socket === socket) this.#run((now) => this.#machine.proved(proof, now));
  }

  #drop(): void {
    this.#socket?.close();
    this.#socket = null;
  }
}

/** The server wrote its time about halfway between our question and its answer. */
function offset({ server_time }: Welcome, sentAt: number): number {
  const halfway = (performance.now() - sentAt) / 2;
  return Math.round(server_time + halfway - Date.now());
}
