/**
 * Keeps the leg of the snapshot connected: when to make a connection, when to restart its ICE, when
 * to give it up for another. Knows no `RTCPeerConnection` and no clock.
 *
 * A dead signaling socket never touches a connection: it only means that nothing can be offered.
 */

import { Backoff } from '../support/backoff.ts';
import type { Leg } from '../wire.ts';
import {
  CONNECTING_MS,
  DISCONNECTED_MS,
  OFFER_RETRY_MS,
  MOVED_MS,
  RESTARTING_MS,
  RESTARTS,
} from './limits.ts';

export type LegCommand =
  /** Make a connection and offer it. */
  | { readonly type: 'open'; readonly leg: string; readonly connection: number }
  /** Offer the same connection with new ICE credentials. */
  | { readonly type: 'restart'; readonly leg: string; readonly connection: number }
  | { readonly type: 'close'; readonly connection: number };

export type OfferOutcome =
  | { readonly type: 'answered' }
  /** Nobody knows whether it arrived. */
  | { readonly type: 'lost' }
  | { readonly type: 'refused'; readonly retryAfter: number | null };

interface Connection {
  readonly leg: string;
  readonly number: number;
  /** An offer is on its way. */
  offering: boolean;
  up: boolean;
  /** It was up at some time. */
  wasUp: boolean;
  restarts: number;
  /** What flowed by it has stopped. */
  still: boolean;
  /** A restart that was due and did not come through: the other side may not know where we are now. */
  owed: boolean;
  /** When to do something about it, if it is not up by then. */
  actAt: number | null;
}

export interface LegPorts {
  command(command: LegCommand): void;
  /** A number that no connection of this leg had, on this page or another. */
  newNumber(): number;
}

export class LegMachine {
  readonly #ports: LegPorts;
  readonly #backoff = new Backoff(OFFER_RETRY_MS);
  #wanted: string | null = null;
  #online = false;
  /** When signaling could be reached again. */
  #reachedAt = -Infinity;
  #connection: Connection | null = null;

  constructor(ports: LegPorts) {
    this.#ports = ports;
  }

  get isUp(): boolean {
    return this.#connection?.up ?? false;
  }

  get connection(): number | null {
    return this.#connection?.number ?? null;
  }

  /** The leg of the newest snapshot. */
  want(leg: Leg | null, now: number): void {
    const wanted = leg?.leg ?? null;
    if (wanted !== this.#wanted) this.#backoff.succeed();
    this.#wanted = wanted;
    if (this.#connection !== null && this.#connection.leg !== this.#wanted) this.#close();
    this.#advance(now);
  }

  /** Signaling can be reached, or cannot. */
  signaling(online: boolean, now: number): void {
    this.#online = online;
    if (online) {
      this.#reachedAt = now;
      this.#backoff.succeed();
      this.nudge(now);
    }
    this.#advance(now);
  }

  /** The network changed: what is broken is mended at once. */
  nudge(now: number): void {
    const connection = this.#connection;
    if (connection?.up) connection.owed ||= connection.still;
    else if (connection?.wasUp) connection.actAt = now;
    this.#advance(now);
  }

  /**
   * Whether what flowed by this connection has stopped. That alone is no reason to do anything: the others may have
   * nothing to say. If signaling finds itself cut off as well, the network is another; it may have found that, and be
   * there again, before media is known to have stopped.
   */
  stands(number: number, still: boolean, now: number): void {
    const connection = this.#connection;
    if (connection?.number !== number) return;
    connection.still = still;
    if (still && connection.up) connection.owed ||= now - this.#reachedAt < MOVED_MS;
    this.#advance(now);
  }

  /** What became of the offer of this connection. */
  offered(number: number, outcome: OfferOutcome, now: number): void {
    const connection = this.#connection;
    if (connection?.number !== number || !connection.offering) return;
    connection.offering = false;
    switch (outcome.type) {
      case 'answered':
        this.#backoff.succeed();
        // By one that never went down nothing tells that it is up again: it need not be up by any time.
        if (connection.up) settle(connection);
        else connection.actAt = now + (connection.wasUp ? RESTARTING_MS : CONNECTING_MS);
        break;
      case 'lost':
        this.#backoff.fail(now);
        this.#failed(connection, now);
        break;
      case 'refused':
        this.#backoff.fail(now, outcome.retryAfter);
        if (outcome.retryAfter === null) this.#close();
        else this.#failed(connection, now);
    }
    this.#advance(now);
  }

  /** ICE and DTLS of this connection came to another state. */
  changed(number: number, state: RTCPeerConnectionState, now: number): void {
    const connection = this.#connection;
    if (connection?.number !== number) return;
    switch (state) {
      case 'connected':
        connection.owed ||= connection.actAt !== null && connection.actAt <= now;
        connection.up = connection.wasUp = true;
        settle(connection);
        break;
      case 'disconnected':
        connection.up = false;
        connection.actAt ??= now + DISCONNECTED_MS;
        break;
      case 'failed':
        connection.up = false;
        connection.actAt = now;
        break;
      case 'closed':
        this.#close();
        break;
      case 'new':
      case 'connecting':
        break;
    }
    this.#advance(now);
  }

  tick(now: number): void {
    this.#advance(now);
  }

  get wakeAt(): number | null {
    if (!this.#online || this.#wanted === null) return null;
    const connection = this.#connection;
    if (connection === null) return this.#backoff.until;
    if (connection.offering) return null;
    if (connection.up) return connection.owed ? this.#backoff.until : null;
    return connection.actAt && Math.max(connection.actAt, this.#backoff.until);
  }

  #advance(now: number): void {
    if (!this.#online || this.#wanted === null || this.#backoff.blocks(now)) return;
    const connection = this.#connection;
    if (connection === null) return this.#open(this.#wanted);
    if (connection.offering) return;
    if (connection.up) return connection.owed ? this.#restart(connection) : undefined;
    if (connection.actAt === null || connection.actAt > now) return;
    if (connection.wasUp && connection.restarts < RESTARTS) return this.#restart(connection);
    this.#close();
    this.#open(this.#wanted);
  }

  #open(leg: string): void {
    const number = this.#ports.newNumber();
    const ice = { up: false, wasUp: false, restarts: 0, still: false, owed: false, actAt: null };
    this.#connection = { leg, number, offering: true, ...ice };
    this.#ports.command({ type: 'open', leg, connection: number });
  }

  #restart(connection: Connection): void {
    connection.offering = true;
    connection.restarts += 1;
    connection.owed = false;
    connection.actAt = null;
    const { leg, number } = connection;
    this.#ports.command({ type: 'restart', leg, connection: number });
  }

  /** A first offer that failed is made anew by another connection, a restart is tried again. */
  #failed(connection: Connection, now: number): void {
    if (!connection.wasUp) return this.#close();
    connection.owed = true;
    connection.actAt = now;
  }

  #close(): void {
    if (this.#connection === null) return;
    const { number } = this.#connection;
    this.#connection = null;
    this.#ports.command({ type: 'close', connection: number });
  }
}

/** Nothing is to be done about this connection, and what was done before counts no longer. */
function settle(connection: Connection): void {
  connection.restarts = 0;
  connection.actAt = null;
}
