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
