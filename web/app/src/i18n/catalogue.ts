/** What a catalogue is, and which parameters each of its messages takes. */

import type { en } from './en/index.ts';

export type Catalogue = { readonly [K in keyof typeof en]: string };
/** One part of a catalogue in another language: the same keys, none more, none less. */
export type Translation<Part> = { readonly [K in keyof Part]: string };
export type Key = keyof Catalogue;

/** The names between braces: `'Place {place}'` takes `place`. */
type Names<Message extends string> = Message extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;
type Values<Message extends string> = { readonly [Name in Names<Message>]: string | number };

/** The arguments after the key: none when the message has no placeholder. */
export type Parameters<K extends Key> =
  Names<(typeof en)[K]> extends never ? [] : [values: Values<(typeof en)[K]>];

/** Messages without placeholders: what a table of keys may hold. */
export type PlainKey = {
  [K in Key]: Names<(typeof en)[K]> extends never ? K : never;
}[Key];

/** Messages that differ by number: `'x'` stands for `'x_one'` and `'x_other'`. */
export type PluralKey = Key extends infer K
  ? K extends `${infer Base}_other`
    ? Base
    : never
  : never;

/** Puts the values in; a name without a value stays visible, so that a mistake shows. */
export function fill(message: string, values: Readonly<Record<string, string | number>>): string {
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The placeholders of a message, sorted. */
export function placeholders(message: string): string[] {
  return [...message.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();
}
