/** Single keys that act on the consultation, for people who do this all day. */

export type Shortcut = 'microphone' | 'camera' | 'chat' | 'code' | 'help';

export const SHORTCUTS: Readonly<Record<Shortcut, string>> = {
  microphone: 'M',
  camera: 'V',
  chat: 'C',
  code: 'K',
  help: '?',
};

interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly repeat: boolean;
}

/** Whether a letter typed there is text, or belongs to the control that has the focus. */
export function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return target.closest('input, textarea, select, [contenteditable], dialog[open]') !== null;
}

/** Which shortcut this key press means; null with a modifier, or while the key is held. */
export function shortcutOf(press: Press): Shortcut | null {
  if (press.ctrlKey || press.metaKey || press.altKey || press.repeat) return null;
  const key = press.key.toUpperCase();
  const names = Object.keys(SHORTCUTS) as Shortcut[];
  return names.find((name) => SHORTCUTS[name] === key) ?? null;
}
