/** The way between browsers and the SFU, that can be cut, and that can look like another network. */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export class UdpRelay {
  readonly #front = createSocket('udp4');
  /** For each browser's address, a socket of its own toward the SFU. */
  readonly #backs = new Map<string, Socket>();
  readonly #target: number;
  #cut = false;

  private constructor(target: number) {
    this.#target = target;
  }

  static async to(target: number): Promise<UdpRelay> {
    const relay = new UdpRelay(target);
    relay.#front.on('message', (data, from) => relay.#forward(data, from));
    relay.#front.bind(0, '0.0.0.0');
    await once(relay.#front, 'listening');
    return relay;
  }

  get port(): number {
    return (this.#front.address() as AddressInfo).port;
  }

  /** Drops everything from now on. */
  cut(): void {
    this.#cut = true;
  }

  /** Carries everything again. */
  mend(): void {
    this.#cut = false;
  }

  /** The same, from other addresses than before, as from another network. */
  move(): void {
    for (const socket of this.#backs.values()) socket.close();
    this.#backs.clear();
    this.mend();
  }

  close(): void {
    this.move();
    this.#front.close();
  }

  #forward(data: Buffer, from: RemoteInfo): void {
    if (!this.#cut) this.#back(from).send(data, this.#target, '127.0.0.1');
  }

  #back({ address, port }: RemoteInfo): Socket {
    const key = `${address} ${port}`;
    const known = this.#backs.get(key);
    if (known !== undefined) return known;
    const socket = createSocket('udp4');
    socket.on('message', (data) => {
      if (!this.#cut) this.#front.send(data, port, address);
    });
    this.#backs.set(key, socket);
    return socket;
  }
}

/** A UDP port that nobody has at this moment. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  socket.close();
  await once(socket, 'close');
  return port;
}
