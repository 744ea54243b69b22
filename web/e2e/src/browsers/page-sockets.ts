/**
 * Reports what goes over the page's WebSockets, for a driver that does not. It runs inside the page,
 * where it is sent as text, so it may name nothing outside of itself.
 */

/** Which way a frame goes, as the page sees it. */
export type Way = 'sends' | 'receives';

export function tellFrames(report: string): void {
  type Report = (way: Way, payload: string) => void;
  const tell = (way: Way, payload: unknown) => {
    const told = (globalThis as unknown as Record<string, Report | undefined>)[report];
    if (typeof payload === 'string') told?.(way, payload);
  };
  const Plain = WebSocket;
  globalThis.WebSocket = class extends Plain {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('message', ({ data }) => tell('receives', data));
    }

    override send(data: Parameters<WebSocket['send']>[0]): void {
      tell('sends', data);
      super.send(data);
    }
  };
}
