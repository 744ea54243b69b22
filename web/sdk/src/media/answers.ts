/** The SFU's answer as a page applies it: changes of our own view, of which the SFU knows nothing. */

/** The answer with a bandwidth for each section of pictures (RFC 4566 section 5.8, in kbit/s). */
export function withCeiling(answer: string, ceiling: number | null): string {
  if (ceiling === null) return answer;
  const line = `b=AS:${Math.ceil(ceiling / 1000)}\r\n`;
  return answer.replace(/^m=video .*\r\n(?:c=.*\r\n)?/gm, (head) => head + line);
}

/** The answer with all layers of the camera paused but these (RFC 8853 section 5.1): a browser starts the others. */
export function withoutOtherLayers(answer: string, layers: readonly number[]): string {
  return answer.replace(/^(a=simulcast:recv )(\S+)/m, (_, head: string, rids: string) => {
    const marked = rids.split(';').map((rid, place) => (layers.includes(place) ? rid : `~${rid}`));
    return head + marked.join(';');
  });
}

/**
 * The answer with sound sent with redundancy (RED, RFC 2198), where it has that: a browser sends the codec that the
 * answer names first. (Chromium 156 takes RED as the codec of `RTCRtpSender.setParameters`, and sends Opus.)
 */
export function withRedundancy(answer: string): string {
  const red = /^a=rtpmap:(\d+) red\/48000\/2\r$/m.exec(answer)?.[1];
  if (red === undefined) return answer;
  return answer.replace(/^(m=audio \d+ \S+) (.*)\r$/m, (_, head: string, codecs: string) => {
    const others = codecs.split(' ').filter((codec) => codec !== red);
    return `${[head, red, ...others].join(' ')}\r`;
  });
}
