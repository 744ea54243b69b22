/** One thing that is asked of the client: whether it is under way, and why it failed the last time. */

import type { ProblemCode } from '@vestibule/client';

/** The stable code of what an action rejected with. */
export function codeOf(error: unknown): ProblemCode | 'other' {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return error.code as ProblemCode;
  }
  return 'other';
}

/** When what is closed opens again, by the server's clock, where the refusal says so. */
function opensAtOf(error: unknown): number | null {
  if (error instanceof Error && 'opensAt' in error && typeof error.opensAt === 'number') {
    return error.opensAt;
  }
  return null;
}

export class Action {
  busy = $state(false);
  failure: ProblemCode | 'other' | null = $state(null);
  /** What failed because something is closed works again then. */
  opensAt: number | null = $state(null);

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
      this.opensAt = opensAtOf(error);
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
