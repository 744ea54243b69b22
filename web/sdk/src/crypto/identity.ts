/** Who a leaf says it is: a participant, and the page that holds the leaf's key. */

import { fromUtf8, utf8, type Bytes } from '../support/bytes.ts';

export interface Identity {
  readonly participant: string;
  /** One load of the page. */
  readonly instance: string;
}

export interface Member extends Identity {
  readonly leaf: number;
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const FORM = new RegExp(`^(${UUID})/(${UUID})$`);

export function identityText({ participant, instance }: Identity): string {
  return `${participant}/${instance}`;
}

/** The identity of a basic credential (RFC 9420 section 5.3). */
export function encodeIdentity(identity: Identity): Bytes {
  return utf8(identityText(identity));
}

/** Reads a basic credential's identity; null when it is not of our form. */
export function decodeIdentity(bytes: Uint8Array): Identity | null {
  const match = FORM.exec(text(bytes) ?? '');
  const [, participant, instance] = match ?? [];
  return participant !== undefined && instance !== undefined ? { participant, instance } : null;
}

function text(bytes: Uint8Array): string | null {
  try {
    return fromUtf8(bytes);
  } catch {
    return null;
  }
}
