/**
 * MLS (RFC 9420) as we use it, with ts-mls behind it. Nothing else imports ts-mls but `suite.ts` and
 * `policy.ts`. Everything crosses as encoded `MLSMessage`s.
 */

import type { CiphersuiteImpl, ClientConfig, ClientState, MLSMessage, Welcome } from 'ts-mls';
import { createGroup, joinGroup } from 'ts-mls/clientState.js';
import { createCommit } from 'ts-mls/createCommit.js';
import { createApplicationMessage } from 'ts-mls/createMessage.js';
import { generateKeyPackageWithKey, makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { defaultKeyPackageEqualityConfig } from 'ts-mls/keyPackageEqualityConfig.js';
import { mlsExporter } from 'ts-mls/keySchedule.js';
import { defaultLifetime } from 'ts-mls/lifetime.js';
import { defaultLifetimeConfig } from 'ts-mls/lifetimeConfig.js';
import { decodeMlsMessage, encodeMlsMessage } from 'ts-mls/message.js';
import { defaultPaddingConfig } from 'ts-mls/paddingConfig.js';
import { decryptSenderData, type PrivateMessage } from 'ts-mls/privateMessage.js';
import { processPrivateMessage } from 'ts-mls/processMessages.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { decryptGroupInfo, decryptGroupSecrets } from 'ts-mls/welcome.js';
import { concat, copy, equal, toHex, type Bytes } from '../support/bytes.ts';
import { decodeIdentity, encodeIdentity, type Identity, type Member } from './identity.ts';
import { EPOCHS_KEPT, KEY_PACKAGES_KEPT, RATCHET_STEPS } from './limits.ts';
import {
  COMMITTER_LEAF,
  Rejected,
  checkMembers,
  commitRule,
  type Roster,
  type Verdict,
} from './policy.ts';
import { SUITE_NAME, makeSuite } from './suite.ts';

const CAPABILITIES = {
  versions: ['mls10'],
  ciphersuites: [SUITE_NAME],
  extensions: [],
  proposals: [],
  credentials: ['basic'],
} satisfies Parameters<typeof generateKeyPackageWithKey>[1];

const CONFIG: ClientConfig = {
  keyRetentionConfig: {
    retainKeysForGenerations: RATCHET_STEPS,
    retainKeysForEpochs: EPOCHS_KEPT,
    maximumForwardRatchetSteps: RATCHET_STEPS,
  },
  lifetimeConfig: defaultLifetimeConfig,
  keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
  paddingConfig: defaultPaddingConfig,
  authService: {
    validateCredential: (credential) =>
      Promise.resolve(
        credential.credentialType === 'basic' && decodeIdentity(credential.identity) !== null,
      ),
  },
};

type Package = Awaited<ReturnType<typeof generateKeyPackageWithKey>>;

/** What is told of a new epoch. */
export interface Commit {
  readonly commit: Bytes;
  /** For those who were added. */
  readonly welcome: Bytes | null;
  /** The group after the commit; to be used once the commit was accepted. */
  readonly next: MlsGroup;
}

export interface OpenedMessage {
  /** The group, in which this message cannot be opened again. */
  readonly group: MlsGroup;
  readonly sender: Member;
  /** The epoch that it was sealed in. */
  readonly epoch: number;
  readonly data: Bytes;
}

/** One page's key, and the key packages that it gave out. */
export class MlsMember {
  readonly #identity: Identity;
  readonly #suite: CiphersuiteImpl;
  readonly #keys: { publicKey: Uint8Array; signKey: Uint8Array };
  /** By reference, oldest first. */
  readonly #packages = new Map<string, Package>();

  private constructor(
    identity: Identity,
    suite: CiphersuiteImpl,
    keys: { publicKey: Uint8Array; signKey: Uint8Array },
  ) {
    this.#identity = identity;
    this.#suite = suite;
    this.#keys = keys;
  }

  static async create(identity: Identity): Promise<MlsMember> {
    const suite = await makeSuite();
    return new MlsMember(identity, suite, await suite.signature.keygen());
  }

  /** A new key package, by which this page can be added once. */
  async keyPackage(): Promise<Bytes> {
    const made = await this.#makePackage();
    const reference = await makeKeyPackageRef(made.publicPackage, this.#suite.hash);
    this.#packages.set(toHex(reference), made);
    for (const oldest of this.#packages.keys()) {
      if (this.#packages.size <= KEY_PACKAGES_KEPT) break;
      this.#packages.delete(oldest);
    }
    const keyPackage = made.publicPackage;
    return encode({ version: 'mls10', wireformat: 'mls_key_package', keyPackage });
  }

  /** A new group with this page alone in it. */
  async begin(groupId: Bytes): Promise<MlsGroup> {
    const { publicPackage, privatePackage } = await this.#makePackage();
    const suite = this.#suite;
    const state = await createGroup(groupId, publicPackage, privatePackage, [], suite, CONFIG);
    return new MlsGroup(state, suite);
  }

  /** Joins by a Welcome; throws `Rejected`, with `not_for_us` when it names none of our packages. */
  async join(message: Bytes, roster: Roster): Promise<MlsGroup> {
    const decoded = decode(message);
    if (decoded.wireformat !== 'mls_welcome') throw new Rejected('wire_format');
    const [reference, own] = this.#packageFor(decoded.welcome);
    const group = await attempt(() => this.#enter(decoded.welcome, own));
    checkMembers(group.members, roster);
    this.#packages.delete(reference);
    return group;
  }

  #makePackage(): Promise<Package> {
    const credential = {
      credentialType: 'basic',
      identity: encodeIdentity(this.#identity),
    } as const;
    return generateKeyPackageWithKey(
      credential,
      CAPABILITIES,
      defaultLifetime,
      [],
      this.#keys,
      this.#suite,
    );
  }

  #packageFor(welcome: Welcome): [string, Package] {
    for (const { newMember } of welcome.secrets) {
      const reference = toHex(newMember);
      const own = this.#packages.get(reference);
      if (own !== undefined) return [reference, own];
    }
    throw new Rejected('not_for_us');
  }

  async #enter(welcome: Welcome, own: Package): Promise<MlsGroup> {
    const { publicPackage, privatePackage } = own;
    await this.#checkSigner(welcome, own);
    const psks = emptyPskIndex;
    const state = await joinGroup(
      welcome,
      publicPackage,
      privatePackage,
      psks,
      this.#suite,
      undefined,
      undefined,
      CONFIG,
    );
    if (state.groupContext.extensions.length > 0) throw new Rejected('extension');
    return new MlsGroup(state, this.#suite);
  }

  /** The library takes a Welcome of any member; ours come from the committer alone. */
  async #checkSigner(welcome: Welcome, { publicPackage, privatePackage }: Package): Promise<void> {
    const { hash, hpke, kdf } = this.#suite;
    const reference = await makeKeyPackageRef(publicPackage, hash);
    const key = await hpke.importPrivateKey(privatePackage.initPrivateKey);
    const secrets = await decryptGroupSecrets(key, reference, welcome, hpke);
    if (secrets === undefined) throw new Rejected('unreadable');
    const noPsk = new Uint8Array(kdf.size);
    const info = await decryptGroupInfo(welcome, secrets.joinerSecret, noPsk, this.#suite);
    secrets.joinerSecret.fill(0);
    if (info === undefined) throw new Rejected('unreadable');
    if (info.signer !== COMMITTER_LEAF) throw new Rejected('not_the_committer');
  }
}

/** A group at one epoch. Never changes: each step makes another. */
export class MlsGroup {
  readonly #state: ClientState;
  readonly #suite: CiphersuiteImpl;
  readonly members: readonly Member[];

  constructor(state: ClientState, suite: CiphersuiteImpl) {
    this.#state = state;
    this.#suite = suite;
    this.members = membersOf(state);
  }

  get id(): Bytes {
    return copy(this.#state.groupContext.groupId);
  }

  get epoch(): number {
    return Number(this.#state.groupContext.epoch);
  }

  get ownLeaf(): number {
    return this.#state.privatePath.leafIndex;
  }

  /** Equal for two members only if they agree on the whole history of the group (section 8.7). */
  get authenticator(): Bytes {
    return copy(this.#state.keySchedule.epochAuthenticator);
  }

  /** A secret of this epoch (section 8.5). */
  async exportSecret(label: string, length: number): Promise<Bytes> {
    const { exporterSecret } = this.#state.keySchedule;
    return copy(await mlsExporter(exporterSecret, label, new Uint8Array(), length, this.#suite));
  }

  /** Prepares the next epoch: key packages to add, leaves to remove. */
  async commit(add: readonly Bytes[], remove: readonly number[]): Promise<Commit> {
    const removals = remove.map((removed) => ({
      proposalType: 'remove' as const,
      remove: { removed },
    }));
    const additions = add.map((message) => {
      const decoded = decode(message);
      if (decoded.wireformat !== 'mls_key_package') throw new Rejected('wire_format');
      return { proposalType: 'add' as const, add: { keyPackage: decoded.keyPackage } };
    });
    const made = await attempt(() =>
      createCommit(
        { state: this.#state, cipherSuite: this.#suite },
        { extraProposals: [...removals, ...additions], ratchetTreeExtension: true },
      ),
    );
    const welcome = made.welcome && {
      version: 'mls10' as const,
      wireformat: 'mls_welcome' as const,
      welcome: made.welcome,
    };
    return {
      commit: encode(made.commit),
      welcome: welcome === undefined ? null : encode(welcome),
      next: new MlsGroup(made.newState, this.#suite),
    };
  }

  /** Takes up a commit. Null when it removed this page. */
  async apply(message: Bytes, roster: Roster): Promise<MlsGroup | null> {
    const commit = this.#framed(message, 'commit');
    const verdicts: Exclude<Verdict, null>[] = [];
    const rule = commitRule(this.ownLeaf, (verdict) => verdicts.push(verdict));
    const result = await attempt(() =>
      processPrivateMessage(this.#state, commit, emptyPskIndex, this.#suite, rule),
    );
    const [verdict] = verdicts;
    if (verdict === 'removes_us') return null;
    if (verdict !== undefined) throw new Rejected(verdict);
    if (result.kind !== 'newState') throw new Rejected('wire_format');
    const { newState } = result;
    const next = new MlsGroup(newState, this.#suite);
    next.#checkAgainst(this, roster);
    return next;
  }

  /** Opens an application message of this epoch or the few before it. */
  async open(message: Bytes): Promise<OpenedMessage> {
    const sealed = this.#framed(message, 'application');
    const sender = await attempt(() => this.#sender(sealed));
    const result = await attempt(() =>
      processPrivateMessage(this.#state, sealed, emptyPskIndex, this.#suite),
    );
    if (result.kind !== 'applicationMessage') throw new Rejected('wire_format');
    const group = new MlsGroup(result.newState, this.#suite);
    return { group, sender, epoch: Number(sealed.epoch), data: copy(result.message) };
  }

  /** Seals an application message of this epoch. */
  async seal(data: Bytes): Promise<{ group: MlsGroup; message: Bytes }> {
    const made = await createApplicationMessage(this.#state, data, this.#suite);
    for (const secret of made.consumed) secret.fill(0);
    return {
      group: new MlsGroup(made.newState, this.#suite),
      message: encode({
        version: 'mls10',
        wireformat: 'mls_private_message',
        privateMessage: made.privateMessage,
      }),
    };
  }

  #framed(message: Bytes, contentType: 'commit' | 'application'): PrivateMessage {
    const decoded = decode(message);
    if (decoded.wireformat !== 'mls_private_message') throw new Rejected('wire_format');
    const framed = decoded.privateMessage;
    if (framed.contentType !== contentType) throw new Rejected('wire_format');
    if (!equal(framed.groupId, this.#state.groupContext.groupId)) throw new Rejected('wrong_group');
    const { epoch } = this.#state.groupContext;
    if (framed.epoch > epoch) throw new Rejected('future_epoch');
    if (contentType === 'commit' && framed.epoch < epoch) throw new Rejected('old_epoch');
    return framed;
  }

  /** The library keeps to itself who sent a message; its sender data says so, and the signature under it. */
  async #sender(sealed: PrivateMessage): Promise<Member> {
    const { groupContext, keySchedule, historicalReceiverData } = this.#state;
    const current = sealed.epoch === groupContext.epoch;
    const former = historicalReceiverData.get(sealed.epoch);
    const secret = current ? keySchedule.senderDataSecret : former?.senderDataSecret;
    if (secret === undefined) throw new Rejected('old_epoch');
    const data = await decryptSenderData(sealed, secret, this.#suite);
    const members = current || former === undefined ? this.members : leaves(former.ratchetTree);
    const sender = members.find(({ leaf }) => leaf === data?.leafIndex);
    if (sender === undefined) throw new Rejected('invalid');
    return sender;
  }

  #checkAgainst(previous: MlsGroup, roster: Roster): void {
    if (this.#state.groupContext.extensions.length > 0) throw new Rejected('extension');
    checkMembers(this.members, roster);
    const before = previous.#committer();
    const after = this.#committer();
    if (before === null || after === null || !equal(before, after)) {
      throw new Rejected('committer_changed');
    }
  }

  /** The committer's key and name: a commit renews its leaf and could put another name on it. */
  #committer(): Bytes | null {
    const node = this.#state.ratchetTree[2 * COMMITTER_LEAF];
    if (node?.nodeType !== 'leaf' || node.leaf.credential.credentialType !== 'basic') return null;
    return concat(node.leaf.signaturePublicKey, node.leaf.credential.identity);
  }
}

function membersOf(state: ClientState): Member[] {
  return leaves(state.ratchetTree);
}

/** The members in the order of their leaves (a leaf's node index is twice its leaf index). */
function leaves(tree: ClientState['ratchetTree']): Member[] {
  return tree.flatMap((node, index) => {
    if (node?.nodeType !== 'leaf') return [];
    const { credential } = node.leaf;
    const identity = credential.credentialType === 'basic' && decodeIdentity(credential.identity);
    if (!identity) throw new Rejected('credential');
    return [{ leaf: index / 2, ...identity }];
  });
}

function encode(message: MLSMessage): Bytes {
  return copy(encodeMlsMessage(message));
}

function decode(message: Bytes): MLSMessage {
  const decoded = decodeQuietly(message);
  if (decoded === undefined || decoded[1] !== message.length) throw new Rejected('unreadable');
  return decoded[0];
}

function decodeQuietly(message: Bytes): [MLSMessage, number] | undefined {
  try {
    return decodeMlsMessage(message, 0);
  } catch {
    return undefined;
  }
}

/** Runs the library; whatever it throws on bad input becomes a rejection. */
async function attempt<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof Rejected ? error : new Rejected('invalid');
  }
}
