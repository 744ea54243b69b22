/** What was measured, printed as a table for docs/performance.md. */

const rows: string[][] = [];

export function add(what: string, ...figures: string[]): void {
  rows.push([what, figures.join(', ')]);
}

export function print(): void {
  const lines = [['What', 'Figure'], ['---', '---'], ...rows].map(
    (cells) => `| ${cells.join(' | ')} |`,
  );
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
}

/** The value below which this part of the values lies (the nearest rank). */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? NaN;
}
