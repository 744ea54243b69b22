import type { Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Participant } from '../../src/browser.ts';
import { serve } from './page.ts';

const HTML = `<!doctype html><title>probe</title><style>video { width: 320px }</style>
<button onclick="document.body.append('.')">go</button>
<script>
  const show = (stream, muted) => {
    const video = Object.assign(document.createElement('video'), {
      srcObject: stream, autoplay: true, playsInline: true, muted,
    });
    document.body.append(video);
    return video;
  };
  // Camera and microphone through a pair of peer connections, video as VP8.
  const loop = async (stream, encoding = {}) => {
    const [sender, receiver] = [new RTCPeerConnection(), new RTCPeerConnection()];
    sender.onicecandidate = ({ candidate }) => receiver.addIceCandidate(candidate);
    receiver.onicecandidate = ({ candidate }) => sender.addIceCandidate(candidate);
    const remote = new MediaStream();
    receiver.ontrack = ({ track }) => remote.addTrack(track);
    for (const track of stream.getTracks()) {
      const sendEncodings = track.kind === 'video' ? [encoding] : [];
      const transceiver = sender.addTransceiver(track, { direction: 'sendonly', sendEncodings });
      if (track.kind !== 'video') continue;
      const codecs = RTCRtpReceiver.getCapabilities('video').codecs;
      transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType === 'video/VP8'));
    }
    await sender.setLocalDescription();
    await receiver.setRemoteDescription(sender.localDescription);
    await receiver.setLocalDescription();
    await sender.setRemoteDescription(receiver.localDescription);
    return remote;
  };
  const capture = (options) => navigator.mediaDevices.getUserMedia(options);
  const noise = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
    const context = canvas.getContext('2d');
    setInterval(() => {
      const image = context.createImageData(640, 360);
      for (let at = 0; at < image.data.length; at += 1) image.data[at] = Math.random() * 256;
      context.putImageData(image, 0, 0);
    }, 50);
    return canvas.captureStream();
  };
</script>`;

let patient: Participant;
let server: Server;
let url: string;

/** Runs a line of script in the page, which has \`show\`, \`loop\`, \`capture\` and \`noise\`. */
const run = (script: string) => patient.page.evaluate(`(async () => { ${script} })()`);

beforeAll(async () => {
  ({ url, server } = await serve(HTML));
  patient = await Participant.open('patientA');
});

beforeEach(async () => {
  await patient.page.goto(url);
  await patient.page.getByRole('button').click();
});

afterAll(async () => {
  await patient.close();
  server.close();
});

describe('the picture', () => {
  it('is read from the camera itself', async () => {
    await run('show(await capture({ video: true }), true)');
    await patient.probe.sees('patientA');
  });

  it('is read after VP8', async () => {
    await run('show(await loop(await capture({ video: true })), true)');
    await patient.probe.sees('patientA', { count: 30 });
  });

  it('is read after VP8 at a quarter of the size and 60 kbit/s', async () => {
    await run(`show(await loop(await capture({ video: true }),
      { scaleResolutionDownBy: 4, maxBitrate: 60_000 }), true)`);
    const since = Date.now();
    await patient.probe.sees('patientA', { count: 30 });
    const last = patient.probe.framesOf('patientA', since).at(-1);
    expect(last).toMatchObject({ width: 160, height: 90 });
  });

  it('is read when the browser cut it to another shape', async () => {
    await run('show(await capture({ video: { width: 320, height: 240 } }), true)');
    const since = Date.now();
    await patient.probe.sees('patientA');
    expect(patient.probe.framesOf('patientA', since).at(-1)).toMatchObject({
      width: 320,
      height: 240,
    });
  });

  it('is not found in noise', async () => {
    const since = Date.now();
    await run('show(noise(), true)');
    await patient.probe.until(20_000, 'unreadable frames', () => {
      return patient.probe.unreadable.filter(({ at }) => at >= since).length >= 40;
    });
    expect(patient.probe.frames.filter(({ at }) => at >= since)).toEqual([]);
  });

  it('does not advance when it stands still, and its pause is measured', async () => {
    await run('show(await capture({ video: true }), true)');
    await patient.probe.sees('patientA');
    await run('document.querySelector("video").pause()');
    const since = Date.now();
    await expect(patient.probe.sees('patientA', { within: 1_500 })).rejects.toThrow(
      /waited 1500 ms/,
    );
    expect(patient.probe.longestPause('patientA', since)).toBeGreaterThan(1_000);
  });

  it('does not count when it is hidden', async () => {
    await run('show(await capture({ video: true }), true).style.visibility = "hidden"');
    await expect(patient.probe.sees('patientA', { within: 1_500 })).rejects.toThrow(/patientA 0/);
  });
});

describe('the voice', () => {
  it('is heard through a peer connection with the browser’s own noise suppression', async () => {
    await run('show(await loop(await capture({ audio: true })), false)');
    await patient.probe.hears('patientA');
    expect(patient.probe.hasHeard('patientB', 0)).toBe(false);
  });

  it('is not heard from an element that is muted', async () => {
    await run('show(await loop(await capture({ audio: true, video: true })), true)');
    const since = Date.now();
    await patient.probe.sees('patientA', { count: 40 });
    expect(patient.probe.loudness('patientA', since)).toBe(0);
  });

  it('ends when the microphone is off', async () => {
    await run(
      'globalThis.stream = await capture({ audio: true }); show(await loop(stream), false)',
    );
    await patient.probe.hears('patientA');
    await run('stream.getTracks()[0].enabled = false');
    await expect(patient.probe.hears('patientB', { within: 2_000 })).rejects.toThrow();
    expect(patient.probe.loudness('patientA', Date.now() - 1_000)).toBeLessThan(0.001);
  });
});

it('goes on watching after a reload', async () => {
  await patient.page.reload();
  await run('show(await capture({ video: true }), true)');
  await patient.probe.sees('patientA');
});
