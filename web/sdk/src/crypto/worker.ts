/**
 * The crypto worker: MLS and SFrame. Private keys are made here and never leave; the page gets
 * requests to pass on, and what to show.
 */

import { GroupDriver } from './group/driver.ts';
import { Keyring } from './keyring.ts';
import type { Awake, FromWorker, ToWorker } from './messages.ts';
import { Transforms, type Transformer } from './transforms.ts';

/** The worker's own scope; the DOM library describes the page's. */
interface Scope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  onrtctransform: ((event: { readonly transformer: Transformer }) => void) | null;
  postMessage(message: Awake | FromWorker): void;
}

const scope = self as unknown as Scope;
const now = (): number => performance.now();
const post = (message: FromWorker): void => scope.postMessage(message);

const keyring = new Keyring(now);
const transforms = new Transforms(keyring, now, post);
keyring.onInstall = () => transforms.keysChanged();

let driver: Promise<GroupDriver> | null = null;
let run = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

scope.onrtctransform = ({ transformer }) => transforms.attach(transformer);
scope.onmessage = ({ data }) => {
  switch (data.type) {
    case 'start':
      return start(data);
    case 'event':
      return data.run === run ? tell(data.event) : undefined;
    case 'bind':
      return transforms.bind(data.connection, data.slots);
    case 'forget':
      return transforms.forget(data.connection);
    case 'attach':
      return transforms.attach(data);
  }
};
scope.postMessage({ type: 'awake' });

function start({ me, role, run: number }: Extract<ToWorker, { type: 'start' }>): void {
  run = number;
  keyring.clear();
  clearTimeout(timer);
  /** A former driver may still be at work; nobody listens to it any more. */
  const say = (message: FromWorker): void => {
    if (number === run) post(message);
  };
  driver = GroupDriver.create(me, role, keyring, {
    now,
    request: (request, token) => say({ type: 'request', run: number, request, token }),
    changed: (state) => say({ type: 'state', run: number, state }),
    wakeAt: (time) => {
      if (number === run) wakeAt(time);
    },
    rejected: (reason) => say({ type: 'rejected', reason }),
    lost: () => say({ type: 'lost', run: number }),
  });
}

function tell(event: Parameters<GroupDriver['post']>[0]): void {
  const number = run;
  // Whatever goes wrong in here must not leave half of a group at work: the page is told.
  driver
    ?.then((it) => it.post(event))
    .catch(() => {
      if (number === run) post({ type: 'failed', run });
    });
}

function wakeAt(time: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => tell({ type: 'wake' }), Math.max(0, time - now()));
}
