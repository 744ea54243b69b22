/**
 * Patients without a page: each has a session and a WebSocket, and waits. All of them live in one
 * page of the server, because the server takes sockets from its own pages only. It is sent there as
 * text, so it may name nothing outside of itself.
 */

export interface Crowd {
  readonly count: number;
  /** The code behind `#w=` in the patient's link. */
  readonly link: string;
  readonly proofLabel: string;
  readonly protocol: number;
}

/** Resolves when all of them wait. The sockets stay open as long as the page does. */
export async function letWait({ count, link, proofLabel, protocol }: Crowd): Promise<void> {
  const base64 = (bytes: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
  const bytes = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  async function post(path: string, body: unknown): Promise<Record<string, string>> {
    for (;;) {
      const response = await fetch(`/api/v1/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (response.ok) return (await response.json()) as Record<string, string>;
      if (response.status !== 429) throw new Error(await response.text());
      await pause(1_000);
    }
  }

  async function prove(key: CryptoKey, nonce: string, session: string): Promise<string> {
    const encoder = new TextEncoder();
    const parts = [encoder.encode(`${proofLabel}\0`), bytes(nonce), encoder.encode(`\0${session}`)];
    const signed = await new Blob(parts).arrayBuffer();
    return base64(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, signed));
  }

  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const sockets: WebSocket[] = [];

  async function wait(number: number): Promise<void> {
    const key = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
    const device_key = base64(await crypto.subtle.exportKey('raw', key.publicKey));
    const { token } = await post('walk-ins', { link });
    const { session } = await post('sessions', { token, device_key });
    if (!session) throw new Error('the server gave no session');
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/v1/ws`);
    sockets.push(socket);
    await new Promise<void>((resolve, reject) => {
      const send = (id: number, request: unknown) => socket.send(JSON.stringify({ id, request }));
      socket.onclose = () => reject(new Error('the server closed a socket'));
      socket.onmessage = async ({ data }: MessageEvent<string>) => {
        const message = JSON.parse(data) as { type: string; nonce?: string; id?: number };
        if (message.type === 'refused') return reject(new Error(data));
        if (message.type === 'challenge') {
          const proof = await prove(key.privateKey, message.nonce ?? '', session);
          const instance = crypto.randomUUID();
          send(0, { type: 'hello', protocol: [protocol], session, proof, instance });
        } else if (message.type === 'reply' && message.id === 0) {
          const name = `Patient ${number}`;
          send(1, { type: 'arrive', name, reason: 'A cough that does not go away' });
        } else if (message.type === 'reply' && message.id === 1) resolve();
      };
    });
    setInterval(() => socket.send('{"id":2,"request":{"type":"ping"}}'), 5_000);
  }

  for (let number = 1; number <= count; number += 1) await wait(number);
  (globalThis as unknown as Record<string, unknown>)['waitingSockets'] = sockets;
}
