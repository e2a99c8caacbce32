/**
 * `npm run sockets`: a herd of real rooms over real WebSockets on loopback, whose server crashes and comes back with a
 * bounded rate of joins and a queue with tickets. `--clients=2000`, `--rate=80`; `--resume`: also with clients that try to
 * resume first; `--write`: also the table of docs/performance.md. Exit code 1 when a goal is missed.
 *
 * It needs a core of its own: 2,000 clients of one process that get none find no way in, whatever the server does.
 */
import { compile, runCase } from '../report/case.js';
import { atMost } from '../report/goals.js';
import { Report } from '../report/report.js';
import { idealTime } from '../simulate/herd.js';
import { percentile } from '../simulate/stats.js';
import { count, percent, seconds } from '../simulate/table.js';
import type { SocketHerd, SocketHerdOptions } from './herd.js';

const clients = option('clients', 2_000);
const rate = option('rate', 80);
const limit = { rate, size: rate / 10 };
const downFor = 5_000;

const report = new Report('sockets');
/** A server that is never idle; a join itself takes no time. */
const ideal = idealTime(Math.ceil(0.99 * clients), limit, 0);
const [program, serverProgram] = await Promise.all([compile('sockets/clients'), compile('sockets/server')]);
const found = [];
for (const resume of process.argv.includes('--resume') ? [false, true] : [false]) {
  const options: SocketHerdOptions = { clients, limit, downFor, resume };
  const herd = await runCase<SocketHerd>(program, options, serverProgram);
  found.push({
    resume,
    t50: percentile(herd.back, 0.5),
    t99: herd.back.length < 0.99 * clients ? Infinity : percentile(herd.back, 0.99),
    letIn99: percentile(herd.letIn, 0.99),
    most: Math.max(...herd.refusals),
    refused: herd.refusals.reduce((sum, each) => sum + each, 0),
    attempts: herd.attempts,
    back: herd.back.length,
    gaveUp: herd.gaveUp,
  });
}
report.show(
  'herd',
  `${count(clients)} WebSockets, ${downFor / 1_000} s down, then ${rate} joins a second with tickets (ideal ${seconds(ideal, 2)} s)`,
  ['attempts are', 't50 s', 't99 s', 'over ideal', 'refused', 'most of one', 'attempts', 'back', 'gave up'],
  found.map(({ resume, t50, t99, refused, most, attempts, back, gaveUp }) => [
    resume ? 'resume, then rejoin' : 'rejoin',
    seconds(t50, 2),
    seconds(t99, 2),
    percent(t99 / ideal - 1),
    count(refused),
    String(most),
    count(attempts),
    count(back),
    count(gaveUp),
  ]),
);
const [rejoin] = found;
report.finish(
  [
    atMost('over ideal', (rejoin?.t99 ?? NaN) / ideal - 1, 0.01, percent),
    atMost('refusals a client', rejoin?.most ?? NaN, 1),
    atMost('gave up', rejoin?.gaveUp ?? NaN, 0),
  ],
  { clients, limit, downFor, ideal, found },
);

function option(name: string, otherwise: number): number {
  const given = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  if (given === undefined) return otherwise;
  const value = Number(given.slice(name.length + 3));
  if (!(value > 0)) throw new RangeError(`--${name}: a number above 0, not ${given}`);
  return value;
}
