/** Waits for conditions that can only change when something is reported. */
export class Waiters {
  private readonly checks = new Set<() => void>();

  /** Something was reported: every condition is asked again. */
  tell(): void {
    for (const check of [...this.checks]) check();
  }

  /** Resolves when the condition holds; throws the complaint when it does not within that time. */
  async until(within: number, condition: () => boolean, complaint: () => string): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const check = () => {
        if (condition()) settle(resolve);
      };
      const settle = (result: () => void) => {
        clearTimeout(timer);
        this.checks.delete(check);
        result();
      };
      const timer = setTimeout(() => settle(() => reject(new Error(complaint()))), within);
      this.checks.add(check);
    });
  }
}
