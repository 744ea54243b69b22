/** One thing that is asked of the client: whether it is under way, and why it failed the last time. */

import type { ErrorReason, ProblemCode } from '@vestibule/client';

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

/** What the refusal is exactly, where its code stands for several things. */
function reasonOf(error: unknown): ErrorReason | null {
  if (error instanceof Error && 'reason' in error && typeof error.reason === 'string') {
    return error.reason as ErrorReason;
  }
  return null;
}

export class Action {
  busy = $state(false);
  failure: ProblemCode | 'other' | null = $state(null);
  /** What failed because something is closed works again then. */
  opensAt: number | null = $state(null);
  reason: ErrorReason | null = $state(null);

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
      this.reason = reasonOf(error);
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
