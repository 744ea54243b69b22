/**
 * A member that runs ts-mls with its defaults and without any policy of ours: it can do what an
 * attacker would, and shows what the library lets through.
 */

import type {
  CiphersuiteImpl,
  ClientState,
  CreateCommitOptions,
  Credential,
  MLSMessage,
  Proposal,
} from 'ts-mls';
import { createGroup, joinGroup } from 'ts-mls/clientState.js';
import { createCommit } from 'ts-mls/createCommit.js';
import { createApplicationMessage } from 'ts-mls/createMessage.js';
import { acceptAll } from 'ts-mls/incomingMessageAction.js';
import { generateKeyPackage } from 'ts-mls/keyPackage.js';
import { defaultLifetime } from 'ts-mls/lifetime.js';
import { decodeMlsMessage, encodeMlsMessage } from 'ts-mls/message.js';
import { processMessage } from 'ts-mls/processMessages.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { encodeIdentity, type Identity } from '../../src/crypto/identity.ts';
import { SUITE_NAME, makeSuite } from '../../src/crypto/suite.ts';
import { copy, utf8, type Bytes } from '../../src/support/bytes.ts';

type Package = Awaited<ReturnType<typeof generateKeyPackage>>;

export class LibraryMember {
  state: ClientState | null = null;
  readonly suite: CiphersuiteImpl;
  readonly package: Package;

  private constructor(suite: CiphersuiteImpl, made: Package) {
    this.suite = suite;
    this.package = made;
  }

  static async create(identity: Identity | Credential): Promise<LibraryMember> {
    const suite = await makeSuite();
    const credential: Credential =
      'credentialType' in identity
        ? identity
        : { credentialType: 'basic', identity: encodeIdentity(identity) };
    const capabilities = {
      versions: ['mls10' as const],
      ciphersuites: [SUITE_NAME as typeof SUITE_NAME],
      extensions: [],
      proposals: [],
      credentials: ['basic' as const, 'x509' as const],
    };
    const made = await generateKeyPackage(credential, capabilities, defaultLifetime, [], suite);
    return new LibraryMember(suite, made);
  }

  get keyPackage(): Bytes {
    const keyPackage = this.package.publicPackage;
    return encode({ version: 'mls10', wireformat: 'mls_key_package', keyPackage });
  }

  async begin(id: Bytes): Promise<void> {
    const { publicPackage, privatePackage } = this.package;
    this.state = await createGroup(id, publicPackage, privatePackage, [], this.suite);
  }

  add(keyPackage: Bytes): Proposal {
    const decoded = decode(keyPackage);
    if (decoded.wireformat !== 'mls_key_package') throw new Error('not a key package');
    return { proposalType: 'add', add: { keyPackage: decoded.keyPackage } };
  }

  /** Commits and moves on. */
  async commit(
    proposals: Proposal[],
    options: CreateCommitOptions = {},
  ): Promise<{ commit: Bytes; welcome: Bytes | null }> {
    const made = await createCommit(
      { state: this.joined, cipherSuite: this.suite },
      { extraProposals: proposals, ratchetTreeExtension: true, ...options },
    );
    this.state = made.newState;
    const { welcome } = made;
    return {
      commit: encode(made.commit),
      welcome: welcome ? encode({ version: 'mls10', wireformat: 'mls_welcome', welcome }) : null,
    };
  }

  async join(welcome: Bytes): Promise<void> {
    const decoded = decode(welcome);
    if (decoded.wireformat !== 'mls_welcome') throw new Error('not a Welcome');
    const { publicPackage, privatePackage } = this.package;
    this.state = await joinGroup(
      decoded.welcome,
      publicPackage,
      privatePackage,
      emptyPskIndex,
      this.suite,
    );
  }

  /** Takes whatever the library takes. */
  async process(message: Bytes): Promise<string | null> {
    const decoded = decode(message);
    if (
      decoded.wireformat !== 'mls_private_message' &&
      decoded.wireformat !== 'mls_public_message'
    ) {
      throw new Error('not a framed message');
    }
    const state = this.joined;
    const result = await processMessage(decoded, state, emptyPskIndex, acceptAll, this.suite);
    this.state = result.newState;
    return result.kind === 'applicationMessage' ? new TextDecoder().decode(result.message) : null;
  }

  async say(text: string): Promise<Bytes> {
    const made = await createApplicationMessage(this.joined, utf8(text), this.suite);
    this.state = made.newState;
    const { privateMessage } = made;
    return encode({ version: 'mls10', wireformat: 'mls_private_message', privateMessage });
  }

  get joined(): ClientState {
    if (this.state === null) throw new Error('not in a group');
    return this.state;
  }

  get epoch(): number {
    return Number(this.joined.groupContext.epoch);
  }
}

export function encode(message: MLSMessage): Bytes {
  return copy(encodeMlsMessage(message));
}

export function decode(message: Bytes): MLSMessage {
  const decoded = decodeMlsMessage(message, 0);
  if (decoded === undefined) throw new Error('unreadable');
  return decoded[0];
}
