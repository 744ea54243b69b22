/** Whose sound the browser does not play before somebody touches the page. */

/** Tries to play what the browser refused to. */
type Play = () => void;

export class Silenced {
  #plays = $state.raw<readonly Play[]>([]);

  /** There is somebody. */
  get any(): boolean {
    return this.#plays.length > 0;
  }

  /** Somebody more; returns how to say that they are not there any more. */
  readonly add = (play: Play): (() => void) => {
    this.#plays = [...this.#plays, play];
    return () => {
      this.#plays = this.#plays.filter((it) => it !== play);
    };
  };

  /** Plays everybody: call this from a press. Whoever is refused again is added again. */
  start(): void {
    const plays = this.#plays;
    this.#plays = [];
    for (const play of plays) play();
  }
}
