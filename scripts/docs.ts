/**
 * Checks the examples: every ```ts block of README.md, docs/*.md and the doc comments of lib/ is type-checked against the
 * build, then run, and what it prints is compared with its `// =>` comments. A block marked ```ts no-run is only type-checked.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesIn, root } from './files.js';
import { runNode } from './run.js';

interface Block {
  /** `README.md:12`, the line of its first line of code. */
  readonly place: string;
  /** Where it is written, below `folder`. */
  readonly file: string;
  readonly code: string;
  readonly run: boolean;
}

const folder = '.docs-check';
const timeLimit = 30_000;
const atOnce = 2;

const sources = [
  ...(existsSync(join(root, 'README.md')) ? ['README.md'] : []),
  ...filesIn('docs', '.md'),
  ...filesIn('lib', '.ts'),
];
const blocks = sources.flatMap(blocksOf);
const failures = new Map<Block, string>();

if (blocks.length > 0) {
  if (!existsSync(join(root, 'dist/index.d.ts'))) {
    console.log('docs: there is no build in dist/; run `npm run build` first');
    process.exit(1);
  }
  write();
  await typeCheck();
  const queue = blocks.filter((block) => block.run && !failures.has(block));
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let block = queue.shift(); block; block = queue.shift()) await execute(block);
    }),
  );
  rmSync(join(root, folder), { recursive: true, force: true });
}

for (const [block, reason] of failures) console.log(`✗ ${block.place}\n${reason.trimEnd().replace(/^/gm, '    ')}`);
console.log(`docs: ${blocks.filter((block) => block.run).length} blocks ran, ${failures.size} failed`);
process.exitCode = failures.size > 0 ? 1 : 0;

/** The blocks of a file. Each is padded with empty lines, so that its line numbers are those of the document. */
function blocksOf(source: string): Block[] {
  const found: Block[] = [];
  const inComments = source.endsWith('.ts');
  const margin = inComments ? /^\s*\* ?/ : /^/;
  let open: { indent: string; mark: string; run: boolean; start: number; lines: string[] } | null = null;
  let skipping: string | null = null; // a block in another language
  readFileSync(join(root, source), 'utf8')
    .split(/\r?\n/)
    .forEach((raw, index) => {
      const line = inComments && !margin.test(raw) ? '' : raw.replace(margin, '');
      const fence = /^(\s*)(`{3,})\s*(.*?)\s*$/.exec(line);
      if (open) {
        if (fence?.[2] === open.mark && fence[3] === '') {
          found.push({
            place: `${source}:${open.start + 1}`,
            file: `${source.replace(/[^\w-]/g, '_')}_${open.start + 1}.ts`,
            code: '\n'.repeat(open.start) + open.lines.join('\n') + '\n',
            run: open.run,
          });
          open = null;
        } else open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
      } else if (skipping !== null) {
        if (fence?.[2] === skipping && fence[3] === '') skipping = null;
      } else if (fence) {
        const [, indent = '', mark = '', info = ''] = fence;
        const [language, ...flags] = info.split(/\s+/);
        if (language === 'ts') open = { indent, mark, run: !flags.includes('no-run'), start: index + 1, lines: [] };
        else skipping = mark;
      }
    });
  return found;
}

function write(): void {
  rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, folder));
  const options = { noUnusedLocals: false, noUnusedParameters: false, types: ['node'] };
  writeFileSync(
    join(root, folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../tsconfig.json', compilerOptions: options, include: ['*.ts'] }),
  );
  for (const { file, code } of blocks) writeFileSync(join(root, folder, file), code);
}

async function typeCheck(): Promise<void> {
  const { code, output } = await runNode(['node_modules/typescript/bin/tsc', '-p', folder, '--pretty', 'false'], {
    cwd: root,
  });
  if (code === 0) return;
  let current: Block | undefined;
  for (const line of output.split('\n')) {
    // Lines that name no file go on with the message before.
    const named = /^\.docs-check[\\/](\w[\w-]*\.ts)\((\d+),\d+\): (.*)$/.exec(line);
    if (named) current = blocks.find((block) => block.file === named[1]);
    const message = named ? `line ${named[2] ?? ''}: ${named[3] ?? ''}` : line;
    if (current && line.trim() !== '') failures.set(current, `${failures.get(current) ?? ''}${message}\n`);
  }
  if (failures.size === 0) {
    console.log(output);
    process.exit(1);
  }
}

async function execute(block: Block): Promise<void> {
  const limit = new AbortController();
  const timer = setTimeout(() => {
    limit.abort();
  }, timeLimit);
  const { code, output } = await runNode([join(folder, block.file)], { cwd: root, signal: limit.signal });
  clearTimeout(timer);
  if (limit.signal.aborted) failures.set(block, `did not end within ${timeLimit / 1000} s\n${output}`);
  else if (code !== 0)
    failures.set(block, output.replaceAll(join(root, folder, block.file), block.place.replace(/:\d+$/, '')));
  else compare(block, output);
}

/** A block without `// =>` may print what it likes; one that has them prints exactly that. */
function compare(block: Block, output: string): void {
  const expected = [...block.code.matchAll(/\/\/ =>(.*)$/gm)].map(([, text = '']) => text.trim());
  if (expected.length === 0) return;
  const printed = output.split('\n').flatMap((line) => line.trim() || []);
  if (expected.join('\n') === printed.join('\n')) return;
  const list = (lines: readonly string[]): string => lines.map((line) => `  ${line}\n`).join('') || '  (nothing)\n';
  failures.set(block, `promised:\n${list(expected)}printed:\n${list(printed)}`);
}
