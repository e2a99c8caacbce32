import { JanusError } from './janus-error.js';
import { JanusFrameError } from './janus-frame-error.js';
import { PublishError } from './publish-error.js';
import type { Verdict } from '../core/recovery/verdict.js';

const NO_SUCH_ROOM = 426;
const PUBLISHERS_FULL = 432;

/**
 * Retrying cannot fix these: 403 wrong secret or token, 405 no right to the plugin, 426 no such room, 429 and 456 something
 * is missing, 430 something is of a wrong type, 433 wrong pin or not allowed, 460 no such plugin.
 */
const fatal: readonly number[] = [403, 405, NO_SUCH_ROOM, 429, 430, 433, 456, 460];

/**
 * What an error means for the next attempt.
 *
 * | error | verdict |
 * |---|---|
 * | 403, 405, 426, 429, 430, 433, 456, 460 | `fatal` |
 * | no camera, or not for us | `fatal`; `unreachable`, so that it is tried again, when we have been in that room |
 * | 426 when we have been in that room | `closed`: it was there, and is not any more |
 * | 432, as many publishers as the room takes | `busy` |
 * | every other code, such as 458 session gone, 436 id in use, 472 no new sessions | `refused`: climb, or the next server |
 * | an answer that cannot be read | `refused` |
 * | anything else: socket, opening limit, attempt limit, session timeout, hangup | none, which is `unreachable` |
 */
export function classifyJanus(error: unknown): Verdict | undefined {
  if (error instanceof JanusFrameError) return { kind: 'refused' };
  if (error instanceof PublishError) return error.again ? undefined : { kind: 'fatal' };
  if (!(error instanceof JanusError)) return undefined;
  const { code, again } = error;
  if (code === NO_SUCH_ROOM && again) return { kind: 'closed' };
  if (code === PUBLISHERS_FULL) return { kind: 'busy' };
  return { kind: fatal.includes(code) ? 'fatal' : 'refused' };
}
