/** The long exploration: `npm run explore`. Exits with 1 when library and oracle disagree anywhere. */
import { aLife, everything } from './alphabet.js';
import { enumerate, explore, told, type Exploration } from './explore.js';
import { lives } from './lives.js';
import { settings, settingNamed } from './policies.js';

let states = 0;
let edges = 0;
let sequences = 0;
let disagreements = 0;
const shown = new Set<string>();

function report(name: string, exploration: Exploration, startedAt: number): void {
  states += exploration.states;
  edges += exploration.edges;
  sequences += exploration.sequences;
  for (const [kind, count] of exploration.kinds) {
    disagreements += count;
    const first = exploration.disagreements.find((one) => one.kind === kind);
    if (first !== undefined && !shown.has(kind)) console.log(`\n${told(first)}`);
    shown.add(kind);
  }
  const depth = exploration.depth === Infinity ? 'all of it' : `${exploration.depth} steps`;
  const took = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `${name}: ${exploration.states} states, ${exploration.edges} edges, ${amount(exploration.sequences)} sequences, ${depth}, ${took} s`,
  );
}

const amount = (n: number): string => (n < 1e9 ? String(n) : n.toExponential(1));

for (const setting of settings) {
  const most = { setting, mostWrong: 20 };
  let startedAt = performance.now();
  report(
    `${setting.name}, everything`,
    explore({ ...most, alphabet: everything, depth: 12, mostStates: 2_500 }),
    startedAt,
  );
  startedAt = performance.now();
  report(`${setting.name}, a life`, explore({ ...most, alphabet: aLife, depth: 14, mostStates: 5_000 }), startedAt);
  for (const [name, along] of Object.entries(lives)) {
    startedAt = performance.now();
    report(
      `${setting.name}, ${name}`,
      explore({ ...most, alphabet: everything, along, depth: 2, mostStates: 1_500 }),
      startedAt,
    );
  }
}
for (const name of ['usual', 'both settle late', 'no repairs']) {
  const startedAt = performance.now();
  report(
    `${name}, one by one`,
    enumerate({ setting: settingNamed(name), alphabet: aLife, depth: 7, mostWrong: 20 }),
    startedAt,
  );
}

console.log(
  `explore: ${states} states, ${edges} edges, ${amount(sequences)} sequences, ${disagreements} disagreements`,
);
process.exitCode = disagreements > 0 ? 1 : 0;
