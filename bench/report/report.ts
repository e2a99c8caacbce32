import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/files.js';
import { markdown, seconds, table } from '../simulate/table.js';
import { summary, type Goal } from './goals.js';

/** What one command found: tables on the terminal, JSON in bench/results, and with `--write` the sections of docs/performance.md. */
export class Report {
  readonly #sections = new Map<string, string>();
  readonly #began = performance.now();

  /** @param command - names the JSON file and the sections: `<!-- command:key --> … <!-- /command:key -->`. */
  constructor(
    readonly command: string,
    readonly write = process.argv.includes('--write'),
  ) {}

  show(key: string, title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
    console.log(`\n${title}\n${table(head, rows)}`);
    this.#sections.set(key, `**${title}**\n\n${markdown(head, rows)}`);
  }

  picture(name: string, svg: string): void {
    const folder = join(root, this.write ? 'docs/pictures' : 'bench/results');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), svg);
  }

  /** Writes everything, says in the last line how each goal turned out, and exits with 1 when one was missed. */
  finish(goals: readonly Goal[], json: object): void {
    const results = join(root, 'bench/results');
    mkdirSync(results, { recursive: true });
    writeFileSync(join(results, `${this.command}.json`), `${JSON.stringify({ ...json, goals }, null, 1)}\n`);
    this.#sections.set(
      'goals',
      markdown(
        ['goal', 'found', 'limit', ''],
        goals.map(({ name, found, limit, met }) => [name, found, limit, met ? 'met' : 'missed']),
      ),
    );
    if (this.write) this.#writeDocs();
    console.log(`\nTook ${seconds(performance.now() - this.#began)} s.`);
    console.log(summary(this.command, goals));
    process.exitCode = goals.every(({ met }) => met) ? 0 : 1;
  }

  #writeDocs(): void {
    const file = join(root, 'docs/performance.md');
    const mine = new RegExp(`(<!-- ${this.command}:([\\w-]+) -->)[^]*?(<!-- /${this.command}:\\2 -->)`, 'g');
    const text = readFileSync(file, 'utf8').replace(mine, (whole, open: string, key: string, close: string) => {
      const section = this.#sections.get(key);
      return section === undefined ? whole : `${open}\n\n${section}\n\n${close}`;
    });
    writeFileSync(file, text);
  }
}
