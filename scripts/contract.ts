/** Checks that every promise of docs/contract.md has a spec whose title begins with its ID. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { filesIn, root } from './files.js';

/** The sections whose rows must all have a spec by now; the others are listed only. */
const sectionsDone = ['S', 'J', 'L', 'H', 'R', 'D', 'T', 'Z', 'M', 'U', 'Q', 'O', 'P', 'X'];

const contractPath = 'docs/contract.md';
if (!existsSync(join(root, contractPath))) {
  console.log(`contract: ${contractPath} does not exist yet`);
  process.exit(0);
}

const contract = readFileSync(join(root, contractPath), 'utf8');
const ids = [...contract.matchAll(/^\|\s*([A-Z]\d+)\s*\|/gm)].flatMap(([, id]) => id ?? []);
/** ID → spec file → number of specs. */
const specs = new Map<string, Map<string, number>>(ids.map((id) => [id, new Map()]));
const problems: string[] = [];
if (ids.length === 0) problems.push(`${contractPath} has no rows`);
if (specs.size < ids.length) problems.push(`${contractPath} gives one ID to two rows`);

for (const file of filesIn('spec', '.spec.ts')) {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest);
  visit(source, (title, position) => {
    for (const id of leadingIds(title)) {
      const counts = specs.get(id);
      if (counts) counts.set(file, (counts.get(file) ?? 0) + 1);
      else
        problems.push(
          `${file}:${source.getLineAndCharacterOfPosition(position).line + 1} ${id} is not in ${contractPath}`,
        );
    }
  });
}

for (const [id, counts] of specs) {
  console.log(`${id}\t${[...counts].map(([file, count]) => `${file}:${count}`).join(', ') || '-'}`);
}
const rows = [...specs].filter(([id]) => sectionsDone.includes(id.charAt(0)));
const covered = rows.filter(([, counts]) => counts.size > 0);
for (const [id, counts] of rows) if (counts.size === 0) problems.push(`${id} has no spec`);

for (const problem of problems) console.log(`✗ ${problem}`);
console.log(`contract: covered ${covered.length} of ${rows.length} rows in sections ${sectionsDone.join(' ')}`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** Reports the title of every spec that will run: not `xit`, nothing in an `xdescribe`, not a pending one. */
function visit(node: ts.Node, found: (title: string, position: number) => void): void {
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    const [title, body] = node.arguments;
    if (node.expression.text === 'xdescribe') return;
    if (node.expression.text === 'it' && title && body && !callsPending(body)) {
      if (ts.isStringLiteralLike(title)) found(title.text, title.end);
      if (ts.isTemplateExpression(title)) found(title.head.text, title.head.end);
    }
  }
  ts.forEachChild(node, (child) => {
    visit(child, found);
  });
}

function callsPending(node: ts.Node): boolean {
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'pending') return true;
  return ts.forEachChild(node, callsPending) ?? false;
}

/** 'S6, H5 both at once' → S6 and H5. */
function leadingIds(title: string): string[] {
  const [leading] = /^(?:[A-Z]\d+(?![\w-])[\s,:]*)*/.exec(title) ?? [''];
  return leading.match(/[A-Z]\d+/g) ?? [];
}
