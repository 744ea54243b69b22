/** What a page and the server say to each other over the WebSocket, as the browser saw it. */
import type {
  ClientMessage,
  GroupView,
  Leg,
  PatientSnapshot,
  PractitionerSnapshot,
  Request,
  ServerMessage,
} from '../../sdk/src/wire.ts';
import { WIRE_KEPT } from './limits.ts';
import { Waiters } from './waiters.ts';

type Told<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;
type Asked<T extends Request['type']> = Extract<Request, { type: T }>;
type Snapshot = PatientSnapshot | PractitionerSnapshot;

interface At<T> {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly message: T;
}

export class Wire {
  private readonly sent: At<ClientMessage>[] = [];
  private readonly received: At<ServerMessage>[] = [];
  private readonly waiters = new Waiters();

  /** The page sent a message. */
  sends(payload: string): void {
    this.keep(this.sent, payload);
  }

  /** The server sent the page a message. */
  receives(payload: string): void {
    this.keep(this.received, payload);
  }

  /** Whether the page and the server have said anything to each other. */
  get spoken(): boolean {
    return this.sent.length + this.received.length > 0;
  }

  /** The requests of this kind that the page sent since then. */
  asked<T extends Request['type']>(type: T, since = 0): Asked<T>[] {
    const requests = this.sent
      .filter(({ at }) => at >= since)
      .map(({ message }) => message.request);
    return requests.filter((request): request is Asked<T> => request.type === type);
  }

  /** The server's messages of this kind since then. */
  told<T extends ServerMessage['type']>(type: T, since = 0): Told<T>[] {
    const messages = this.received.filter(({ at }) => at >= since).map(({ message }) => message);
    return messages.filter((message): message is Told<T> => message.type === type);
  }

  /** Everything that went either way, as text. */
  get everything(): string {
    return JSON.stringify([this.sent, this.received]);
  }

  /** The newest state of the clinic that the page knows. */
  snapshot(since = 0): Snapshot | null {
    const newest = this.received.findLast(
      ({ at, message }) =>
        at >= since && (message.type === 'patient' || message.type === 'practitioner'),
    );
    return (newest?.message as Snapshot | undefined) ?? null;
  }

  get leg(): Leg | null {
    return this.snapshot()?.leg ?? null;
  }

  get group(): GroupView | null {
    return this.snapshot()?.consultation?.group ?? null;
  }

  /** Resolves when the server has welcomed the page after that moment. */
  async welcomed(since: number, within: number): Promise<void> {
    await this.until(within, 'a welcome of the server', () =>
      this.told('reply', since).some(({ reply }) => reply.type === 'welcome'),
    );
  }

  /** Resolves when the condition holds, asked again at each message; else throws. */
  async until(within: number, wanted: string, condition: () => boolean): Promise<void> {
    await this.waiters.until(within, condition, () => `waited ${within} ms for ${wanted}`);
  }

  private keep<T>(list: At<T>[], payload: string): void {
    list.push({ at: Date.now(), message: JSON.parse(payload) as T });
    list.splice(0, Math.max(0, list.length - WIRE_KEPT));
    this.waiters.tell();
  }
}
