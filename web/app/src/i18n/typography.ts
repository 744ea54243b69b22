/** French sets an unbreakable space before high punctuation; the catalogue is typed with plain ones. */
export function frenchSpaces(message: string): string {
  return message.replace(/ ([:;?!»])/g, '\u00a0$1').replace(/« /g, '«\u00a0');
}
