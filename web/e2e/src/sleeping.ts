/**
 * Chromium's pages and whole browsers that sleep, as in a pocket or under a closed lid: their processes are stopped.
 * (Chromium freezes no page that has a peer connection.)
 */
import type { Participant } from './browser.ts';

/** Ends a sleep. */
export type Wake = () => Promise<void>;

/** The process of the page stops, with its media; that of the network still answers for its socket. */
export async function stopPage(participant: Participant): Promise<Wake> {
  return stop(await processes(participant, (type) => type === 'renderer'));
}

/** Nothing of the browser runs, as on a machine whose lid was closed. */
export async function stopBrowser(participant: Participant): Promise<Wake> {
  return stop(await processes(participant, () => true));
}

/** Processes of a browser that must be the participant's own. */
async function processes(
  { page }: Participant,
  isMeant: (type: string) => boolean,
): Promise<number[]> {
  const browser = page.context().browser();
  if (!browser) throw new Error('a page without a browser');
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.filter(({ type }) => isMeant(type)).map(({ id }) => id);
}

function stop(pids: readonly number[]): Wake {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return async () => {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  };
}
