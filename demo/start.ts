/** `npm start [-- --port 7300]`: the demo. Prints the page's address, then one line for every change of a user's state. */
import { parseArgs } from 'node:util';
import { startDemo } from './server/demo.js';

const { values } = parseArgs({ options: { port: { type: 'string', default: '7300' } } });
const port = Number(values.port);
if (!Number.isInteger(port) || port < 1024 || port > 65_000) {
  console.error('--port wants a number from 1024 to 65000.');
  process.exit(2);
}

const time = (): string => {
  const now = new Date();
  const digits = (value: number, count: number): string => String(value).padStart(count, '0');
  return `${digits(now.getHours(), 2)}:${digits(now.getMinutes(), 2)}:${digits(now.getSeconds(), 2)}.${digits(now.getMilliseconds(), 3)}`;
};

let ending = false;
const demo = await startDemo({
  port,
  onState: ({ user, state, reason }) => console.log(`${time()} ${user} ${state}${reason === null ? '' : `/${reason}`}`),
  onGate: (user, { signal, media, loss }) => {
    const lost = media === 'open' && loss > 0 ? `, ${Math.round(100 * loss)} % of it lost` : '';
    console.log(`${time()} ${user}'s network: signalling ${signal}, media ${media}${lost}`);
  },
});
void demo.server.events$.forEach((event) => {
  if (!ending && (event.kind === 'down' || event.kind === 'up'))
    console.log(`${time()} the room server is ${event.kind}`);
});
console.log(`\n  The call of A and B:  ${demo.url}\n  Ctrl+C ends it.\n`);

const end = (): void => {
  if (ending) return; // Ctrl+C reaches us from the terminal and once more through npm
  ending = true;
  const late = AbortSignal.timeout(3000);
  late.onabort = () => process.exit(1);
  demo.close().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
};
process.on('SIGINT', end);
process.on('SIGTERM', end);
process.on('SIGHUP', end);

// npm keeps SIGTERM to itself: it ends, and so does its shell, but nobody tells us.
if (process.env['npm_lifecycle_event'] !== undefined) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end();
  }, 500).unref();
}
