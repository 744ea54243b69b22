/**
 * Keeps hold of the devices that a page uses and of the peer connections that it makes. It runs inside
 * the page, where it is sent as text, so it may name nothing outside of itself.
 */

export interface Held {
  readonly tracks: MediaStreamTrack[];
  readonly connections: RTCPeerConnection[];
  /** Hear what the page plays by itself, beside the sound of its media elements. */
  readonly speakers: AnalyserNode[];
  /** Another number means that the page was loaded anew. */
  readonly load: number;
}

declare global {
  var __held: Held;
}

export function holdDevices(): void {
  const held: Held = { tracks: [], connections: [], speakers: [], load: Math.random() };
  globalThis.__held = held;
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices) {
    const open = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (constraints) => {
      const stream = await open(constraints);
      held.tracks.push(...stream.getTracks());
      return stream;
    };
  }
  const { clone } = MediaStreamTrack.prototype;
  MediaStreamTrack.prototype.clone = function (this: MediaStreamTrack) {
    const copy = clone.call(this);
    if (held.tracks.includes(this)) held.tracks.push(copy);
    return copy;
  };
  type Connect = (this: AudioNode, ...words: unknown[]) => AudioNode;
  const connect = AudioNode.prototype.connect as Connect;
  const listening: Connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) {
      const speaker = new AnalyserNode(target.context);
      connect.call(this, speaker);
      held.speakers.push(speaker);
    }
    return connect.call(this, target, ...rest);
  };
  AudioNode.prototype.connect = listening as typeof AudioNode.prototype.connect;
  const Plain = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Plain {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      held.connections.push(this);
    }
  };
}
