/** Reads what the server sends. */

import type { ServerMessage } from '../wire.ts';

const KNOWN: Record<ServerMessage['type'], true> = {
  challenge: true,
  reply: true,
  refused: true,
  patient: true,
  practitioner: true,
  companion: true,
  slots: true,
  layers: true,
  redundancy: true,
  log: true,
  acknowledged: true,
  closing: true,
};

/** A message; null for what a later version of the protocol may bring, and for what is none. */
export function decodeServerMessage(text: unknown): ServerMessage | null {
  if (typeof text !== 'string') return null;
  try {
    const message: unknown = JSON.parse(text);
    return isMessage(message) ? message : null;
  } catch {
    return null;
  }
}

/** The server is believed to keep to the protocol of its own version beyond the message's type. */
function isMessage(value: unknown): value is ServerMessage {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  return typeof value.type === 'string' && Object.hasOwn(KNOWN, value.type);
}
