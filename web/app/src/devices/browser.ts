/** Which family of browsers this is: where the permission's switch is found differs among them. */

export type BrowserFamily = 'chrome' | 'firefox' | 'safari' | 'ios' | 'other';

/** Every browser on an iPhone or iPad is Safari underneath; an iPad says that it is a Mac with touch. */
export function browserFamily(agent: string, touchPoints: number): BrowserFamily {
  if (/iPhone|iPad|iPod/.test(agent)) return 'ios';
  if (/Macintosh/.test(agent) && touchPoints > 1) return 'ios';
  if (/Firefox\//.test(agent)) return 'firefox';
  if (/Chrome\/|Chromium\//.test(agent)) return 'chrome';
  return /Safari\//.test(agent) ? 'safari' : 'other';
}
