/** Waits between attempts, longer after each that fails. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  #wait: number;
  #until = 0;

  constructor([first, longest]: readonly [number, number]) {
    this.#first = first;
    this.#longest = longest;
    this.#wait = first;
  }

  /** An attempt failed; the next one may be made after this wait, or what the server asked for. */
  fail(now: number, atLeast: number | null = null): void {
    this.#until = now + Math.max(this.#wait, atLeast ?? 0);
    this.#wait = Math.min(2 * this.#wait, this.#longest);
  }

  succeed(): void {
    this.#wait = this.#first;
    this.#until = 0;
  }

  blocks(now: number): boolean {
    return now < this.#until;
  }

  get until(): number {
    return this.#until;
  }
}
