import type { ControlAnswer, ControlCommand, DemoConfig } from '../../server/control-api.js';
import type { HistoryEntry } from './history.js';

/** What the page asks the process behind it, on its own origin: past the network that is cut. */
export async function fetchConfig(): Promise<DemoConfig> {
  return (await answered(fetch('./config', { cache: 'no-store' }))) as DemoConfig;
}

export async function control(command: ControlCommand): Promise<ControlAnswer> {
  return (await answered(fetch('./control', post(command)))) as ControlAnswer;
}

/** Tells the terminal. That nobody listens is no trouble. */
export async function reportState(user: string, entry: HistoryEntry): Promise<void> {
  // keepalive: the last state of a page that is being closed gets there too.
  await fetch('./state', { ...post({ user, ...entry }), keepalive: true }).catch(() => undefined);
}

const post = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

async function answered(request: Promise<Response>): Promise<unknown> {
  const response = await request;
  if (!response.ok) throw new Error(`the demo's process answered ${response.status}`);
  return response.json();
}
