/** One thing that is asked of the client: whether it is under way, and why it failed the last time. */

import type { ProblemCode } from '@vestibule/client';

/** The stable code of what an action rejected with. */
export function codeOf(error: unknown): ProblemCode | 'other' {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return error.code as ProblemCode;
  }
  return 'other';
}

export class Action {
  busy = $state(false);
  failure: ProblemCode | 'other' | null = $state(null);

  /** Resolves to whether it worked; never rejects. While one runs, another is not begun. */
  async run(work: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.failure = null;
    try {
      await work();
      return true;
    } catch (error) {
      this.failure = codeOf(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** Forgets the last failure. */
  clear(): void {
    this.failure = null;
  }
}
