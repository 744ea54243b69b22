/**
 * Notes when ICE found a way and when DTLS was through. It runs inside the page, where it is sent as text, so it may name
 * nothing outside of itself.
 */

export interface DtlsMoments {
  /** Milliseconds since the page began; 0 until then. */
  way: number;
  up: number;
  /** Connections that were begun. */
  begun: number;
}

declare global {
  var __dtls: DtlsMoments;
}

export function noteDtls(): void {
  globalThis.__dtls = { way: 0, up: 0, begun: 0 };
  const Own = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Own {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      __dtls.begun += 1;
      this.addEventListener('iceconnectionstatechange', () => {
        if (this.iceConnectionState === 'connected') __dtls.way ||= performance.now();
      });
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected') __dtls.up ||= performance.now();
      });
    }
  };
}
