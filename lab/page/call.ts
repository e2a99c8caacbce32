import { ReplaySubject, share } from 'rxjs';
import { whenConnected } from '../../lib/index.js';
import type { CallRecord } from '../record.js';
import type { Situation } from '../situation.js';
import { delaySockets, sending } from './delayed-socket.js';
import { demoRoom } from './demo-room.js';
import { credentialsOf, watchFlow } from './flow.js';
import { mediaOf } from './media.js';
import { logRoom } from './room-log.js';
import { watchStalls } from './stalls.js';
import { until } from './until.js';
import { watchPeerConnections } from './watched-peer-connection.js';

/** One user of one call, and all that is written down of it. */
export interface Call {
  /** Resolves when the room is connected. */
  join(): Promise<void>;
  record(): CallRecord;
  /** Forgets what was written down so far. */
  clear(): void;
  /** Waits until the state is this one, as of now. */
  until(state: string, limit: number): Promise<void>;
  /** Restarts ICE, the signalling of this user being delayed by up to so many ms; whether media flowed on. */
  restart(mostDelay: number): Promise<boolean>;
}

export function openCall(user: string, room: string, situation: Situation): Call {
  const watched = watchPeerConnections(situation);
  delaySockets();
  const stalls = watchStalls();

  const stream$ = mediaOf(situation).pipe(share({ connector: () => new ReplaySubject(1) }));
  const call = demoRoom(user, room, stream$);
  const { states, events } = logRoom(call);
  const watchedFlow = watchFlow(() => watched.current);
  const { flow } = watchedFlow;

  return {
    join: async () => {
      await new Promise((resolve, reject) => stream$.subscribe({ next: resolve, error: reject }));
      call.join();
      await whenConnected(call);
    },
    record: () => ({ states, raw: watched.raw, events, flow, stalls: stalls.stalls, late: stalls.late }),
    clear: () => {
      for (const list of [states, watched.raw, events, flow]) list.length = 0;
      stalls.clear();
    },
    until: (wanted, limit) => until(call.connectionState$, { user, wanted, limit }),
    restart: async (mostDelay) => {
      const { connectionState } = call;
      if (connectionState.state !== 'connected') return false;
      const old = credentialsOf(watched.current);
      const delay = Math.random() * mostDelay;
      sending.delay = () => delay;
      await new Promise<void>((resolve) => {
        connectionState.link.restart().subscribe({ error: () => resolve(), complete: () => resolve() });
      });
      sending.delay = () => 0;
      if (credentialsOf(watched.current) === old) return false;
      return watchedFlow.isAlive();
    },
  };
}
