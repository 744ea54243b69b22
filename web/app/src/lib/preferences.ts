/** Choices that outlive the page. They are conveniences: where storage is refused, nothing breaks. */

type Name = 'language' | 'arrival-sound' | 'shortcuts';

const key = (name: Name) => `vestibule.${name}`;

export function readPreference(name: Name): string | null {
  try {
    return localStorage.getItem(key(name));
  } catch {
    return null;
  }
}

export function writePreference(name: Name, value: string): void {
  try {
    localStorage.setItem(key(name), value);
  } catch {
    // Storage is full or refused; the choice then holds for this page only.
  }
}
