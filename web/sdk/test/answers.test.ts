import { describe, expect, it } from 'vitest';
import { withCeiling, withoutOtherLayers, withRedundancy } from '../src/media/answers.ts';

const ANSWER = [
  'v=0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'c=IN IP4 0.0.0.0',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
  'c=IN IP4 0.0.0.0',
  'a=simulcast:recv q;h;f',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
  'c=IN IP4 0.0.0.0',
  '',
].join('\r\n');

describe('an answer', () => {
  it('is given a ceiling behind the connection line of each section of pictures', () => {
    const lines = withCeiling(ANSWER, 240_001).split('\r\n');
    expect(lines.filter((line) => line === 'b=AS:241')).toHaveLength(2);
    expect(lines[5]).toBe('b=AS:241');
    expect(lines.slice(1, 4)).toEqual(ANSWER.split('\r\n').slice(1, 4));
  });

  it('without a ceiling is as it came', () => {
    expect(withCeiling(ANSWER, null)).toBe(ANSWER);
  });

  it('pauses the layers that are not sent, or the browser would start them', () => {
    expect(withoutOtherLayers(ANSWER, [2])).toContain('a=simulcast:recv ~q;~h;f\r\n');
    expect(withoutOtherLayers(ANSWER, [0, 2])).toContain('a=simulcast:recv q;~h;f\r\n');
    expect(withoutOtherLayers(ANSWER, [])).toContain('a=simulcast:recv ~q;~h;~f\r\n');
  });

  it('without layers is as it came', () => {
    const plain = ANSWER.replace(/a=simulcast.*\r\n/, '');
    expect(withoutOtherLayers(plain, [2])).toBe(plain);
  });

  it('has redundancy first where our own sound is sent with it', () => {
    const audio = 'm=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\na=rtpmap:63 red/48000/2\r\n';
    const [own, slots] = withRedundancy(audio + audio).split('a=rtpmap:63 red/48000/2\r\n');
    expect(own).toBe('m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n');
    expect(slots).toBe('m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\n');
  });

  it('without redundancy is as it came', () => {
    expect(withRedundancy(ANSWER)).toBe(ANSWER);
  });
});
