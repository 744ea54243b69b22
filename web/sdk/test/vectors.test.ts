/**
 * Vectors of what is our own and no RFC's: key ids, safety codes, whole sealed frames. They are committed
 * for whoever writes another client, and read by the native one; `UPDATE_GENERATED=1` writes them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sealFrame } from '../src/crypto/frames.ts';
import { SafetyRound } from '../src/crypto/group/safety.ts';
import { Keyring } from '../src/crypto/keyring.ts';
import { kidOf } from '../src/crypto/kid.ts';
import { importBaseKey } from '../src/crypto/sframe.ts';
import { toHex, type Bytes } from '../src/support/bytes.ts';

const FILE = join(import.meta.dirname, '..', 'vectors', 'vestibule.json');
const SOURCES = ['microphone', 'camera', 'screen'] as const;

/** Bytes that are told apart at a glance: the first one, and then each one more. */
function counting(first: number, length: number): Bytes {
  return Uint8Array.from({ length }, (_, index) => (first + index) % 256);
}

function kids() {
  const names = [
    { generation: 1, epoch: 1, leaf: 0 },
    { generation: 1, epoch: 2, leaf: 1 },
    { generation: 17, epoch: 35, leaf: 4 },
    { generation: 3, epoch: 15, leaf: 63 },
  ];
  return names.flatMap((name) =>
    SOURCES.map((source) => ({ ...name, source, kid: Number(kidOf({ ...name, source })) })),
  );
}

async function frames() {
  const name = { generation: 2, epoch: 3 };
  const baseKey = counting(0x10, 16);
  const keyring = new Keyring(() => 0);
  const imported = await importBaseKey(Uint8Array.from(baseKey));
  keyring.install({ ...name, baseKey: imported, members: [], ownLeaf: 1 });
  keyring.sendWith(name);
  const plain = [
    { source: 'microphone', data: counting(0xa0, 20) },
    // The lowest bit of a VP8 frame is clear in a key frame, of which ten bytes stay clear.
    { source: 'camera', data: counting(0x50, 30) },
    { source: 'camera', data: counting(0x51, 30) },
    { source: 'screen', data: counting(0x51, 12) },
  ] as const;
  const sealed = [];
  for (const { source, data } of plain) {
    const frame = await sealFrame(keyring, source, data);
    sealed.push({ source, frame: toHex(data), sealed: toHex(frame ?? new Uint8Array()) });
  }
  return { ...name, leaf: 1, baseKey: toHex(baseKey), sealed };
}

async function safety() {
  const authenticator = counting(1, 32);
  const nonces = [counting(0x40, 32), counting(0x80, 32)];
  const leaves = [0, 1];
  const rounds = leaves.map(
    (leaf) => new SafetyRound(authenticator, leaves, leaf, nonces[leaf] ?? new Uint8Array()),
  );
  const [one, other] = rounds;
  if (one === undefined || other === undefined) throw new Error('two take part');
  const commitments = [await one.commitment(), await other.commitment()];
  one.committed(1, commitments[1] ?? new Uint8Array());
  one.reveal();
  await one.revealed(1, nonces[1] ?? new Uint8Array());
  const { status } = one;
  return {
    authenticator: toHex(authenticator),
    nonces: nonces.map(toHex),
    commitments: commitments.map(toHex),
    code: status.state === 'done' ? status.code : null,
  };
}

it('the committed vectors are what this client does', async () => {
  const made = { kids: kids(), frames: await frames(), safety: await safety() };
  if (process.env['UPDATE_GENERATED']) {
    writeFileSync(FILE, `${JSON.stringify(made, null, 2)}\n`);
  }
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(made);
});
