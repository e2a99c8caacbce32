import type { RoomEvent, UserChange } from '../../../lib/index.js';
import type { ShownUser } from '../call/janus-call.js';
import type { LogTone } from './event-log.js';
import { kindWords, seconds } from './words.js';

/** What an event is in the log; `null` for those that would only be noise there. */
export function logWords(event: RoomEvent): { readonly tone: LogTone; readonly text: string } | null {
  switch (event.type) {
    case 'signal':
    case 'media':
      return event.up
        ? { tone: 'attempt', text: `${event.type} is up` }
        : { tone: 'trouble', text: `${event.type} is down, last alive ${seconds(event.at - event.aliveAt)} ago` };
    case 'attempt':
      return { tone: 'attempt', text: `attempt ${event.number}: ${kindWords[event.kind]}` };
    case 'attemptFailed':
      return {
        tone: 'trouble',
        text: `attempt ${event.number} failed (${event.verdict.kind}): ${errorText(event.error)}`,
      };
    case 'attemptCut':
      return { tone: 'trouble', text: `attempt ${event.number} was cut short` };
    case 'healed':
      if (event.cause === null) return { tone: 'attempt', text: `joined after ${seconds(event.after)}` };
      return {
        tone: 'attempt',
        text: `healed after ${seconds(event.after)}${event.quiet ? ', before anybody noticed' : ''}`,
      };
    case 'suspended':
      return { tone: 'trouble', text: `the device slept for ${seconds(event.for)}` };
    case 'linkEnded':
      return { tone: 'trouble', text: `the link ended (${event.verdict.kind}): ${errorText(event.error)}` };
    case 'waiting':
    case 'probe':
    case 'probed':
      return null;
  }
}

export const nameOf = ({ id, display }: ShownUser): string => display ?? id;

/** Somebody else came or went: `B left (timeout)`. */
export const changeWords = ({ user, ...change }: UserChange<ShownUser>): string =>
  change.type === 'userJoined'
    ? `${nameOf(user)} is here`
    : `${nameOf(user)} left (${change.reason ?? 'while we were away'})`;

/** Only our own errors and the platform's plain ones get here; none of them holds a token. */
export const errorText = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : String(error);
