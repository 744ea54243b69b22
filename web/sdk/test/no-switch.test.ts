/**
 * Whether frames are sealed and opened depends on keys and on nothing that could be set: not by the
 * address, not by storage, not by the build, not by the server. Frames without a key go nowhere.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFrame, sealFrame } from '../src/crypto/frames.ts';
import { Keyring } from '../src/crypto/keyring.ts';

const SOURCES = join(import.meta.dirname, '..', 'src');

/** Where a switch would be read from. */
const SETTINGS =
  /\b(location|localStorage|sessionStorage|indexedDB|URLSearchParams|cookie|import\.meta\.env|process\.env)\b/;

/** The code alone: a comment may speak of anything. */
function code(path: string): string {
  return readFileSync(path, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(join(SOURCES, folder), { withFileTypes: true, recursive: true });
  return entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
}

describe('an ordinary build has no switch that turns encryption off:', () => {
  it('what seals and opens reads no setting', () => {
    const files = [...filesIn('crypto'), ...filesIn('media')];
    expect(files.length).toBeGreaterThan(20);
    for (const path of files) expect(code(path), path).not.toMatch(SETTINGS);
  });

  it('the server can say nothing about it', () => {
    const fields = code(join(SOURCES, 'generated', 'protocol.ts')).match(/\w+(?=\??:)/g) ?? [];
    expect(fields.length).toBeGreaterThan(50);
    expect(fields.filter((name) => /crypt|plain|clear|secure|sframe/i.test(name))).toEqual([]);
  });

  it('a frame without a key is not sent', async () => {
    const keyring = new Keyring(() => 0);
    for (const source of ['microphone', 'camera', 'screen'] as const) {
      expect(await sealFrame(keyring, source, new Uint8Array(100))).toBeNull();
    }
  });

  it('a frame that was sent in the clear is not shown', async () => {
    const keyring = new Keyring(() => 0);
    const binding = { participant: 'somebody', source: 'camera' } as const;
    expect(await openFrame(keyring, binding, new Uint8Array(100))).toHaveProperty('drop');
  });
});
