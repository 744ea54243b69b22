/** The state that pages follow: never changed once handed out, told once for all that happens together. */

import type { ClientState } from './contract.ts';

export class Store {
  readonly #runs = new Set<(state: ClientState) => void>();
  #told = false;
  state: ClientState;

  constructor(state: ClientState) {
    this.state = state;
  }

  set(change: Partial<ClientState>): void {
    const keys = Object.keys(change) as (keyof ClientState)[];
    if (keys.every((key) => Object.is(this.state[key], change[key]))) return;
    this.state = { ...this.state, ...change };
    if (this.#told) return;
    this.#told = true;
    queueMicrotask(() => {
      this.#told = false;
      for (const run of [...this.#runs]) run(this.state);
    });
  }

  subscribe(run: (state: ClientState) => void): () => void {
    this.#runs.add(run);
    run(this.state);
    return () => this.#runs.delete(run);
  }
}
