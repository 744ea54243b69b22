/** The page of the browser tests: the client, for the test to hold. */

import { openClient, type VestibuleClient } from '../../src/index.ts';

declare global {
  interface Window {
    client: VestibuleClient;
    /** What `RTCPeerConnection`s the page made. */
    connections: RTCPeerConnection[];
  }
}

const Connection = window.RTCPeerConnection;
window.connections = [];
window.RTCPeerConnection = class extends Connection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    window.connections.push(this);
  }
};

const role = location.pathname.startsWith('/console') ? 'practitioner' : 'patient';
window.client = openClient({ role });
