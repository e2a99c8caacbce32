import type { ConnectionState } from '../core/machine/connection-state.js';
import type { RoomEvent } from '../core/machine/room-event.js';
import { errorText, publicText } from './error-text.js';

/** What happened, in plain English. `deadlineAt`: when the room gives up, where that is known (ms, wall clock; 0 otherwise). */
export function eventText(event: RoomEvent, deadlineAt: number): string {
  const { at, type } = event;
  const attempt = 'number' in event ? `attempt ${event.number} (${event.kind})` : '';
  switch (type) {
    case 'signal':
    case 'media':
      return `${type} is ${event.up ? 'up' : `down, silent for ${span(at - event.aliveAt)}`}`;
    case 'waiting':
      return `${event.nextRetryAt === null ? 'no next attempt' : `next attempt in ${span(event.nextRetryAt - at)}`}${deadlineAt > at ? `, giving up in ${span(deadlineAt - at)}` : ''}`;
    case 'attempt':
      return attempt + (event.endpoint === null ? '' : ` at ${publicText(event.endpoint)}`);
    case 'attemptFailed':
      return `${attempt} failed: ${errorText(event.error)} — ${event.verdict.kind === 'unreachable' ? 'nobody answered' : event.verdict.kind}`;
    case 'linkEnded':
      return `link ended: ${errorText(event.error)} — ${event.verdict.kind}`;
    case 'attemptCut':
      return `${attempt} cancelled`;
    case 'healed':
      return `up after ${span(event.after)}`;
    case 'probe':
      return 'probe sent';
    case 'probed':
      return `probe ${event.alive ? 'answered' : 'failed'}`;
    case 'suspended':
      return `slept for ${span(event.for)}`;
  }
}

/** `reconnecting (signalDisconnected)`, with the error, or the server's own words, where the state has them. */
export const stateText = (state: ConnectionState): string =>
  state.state +
  (state.reason === null ? '' : ` (${state.reason})`) +
  ('error' in state && state.error !== null ? `: ${errorText(state.error)}` : '') +
  ('message' in state ? `: ${publicText(state.message)}` : '');

/** Two digits: `31 s`, `1.2 s`, `0.25 s`. */
export const span = (ms: number): string => `${+(ms / 1_000).toPrecision(2)} s`;
