/** Figures that a test measured by the way: shown in its output, never judged by their size. */
export function report(what: string, milliseconds: number): void {
  process.stdout.write(`figure: ${what}: ${Math.round(milliseconds)} ms\n`);
}
