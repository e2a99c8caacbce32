import { asyncScheduler, map, merge, switchMap, type Observable, type SchedulerLike, type Subscription } from 'rxjs';
import { and, assign, createActor, fromCallback, not, setup, stopChild } from 'xstate';
import type { Health } from '../../lib/core/machine/health.js';
import type { BenchRoom } from './contenders.js';
import { deadlines, limits, waitAfter } from './job.js';
import type { Wire } from './wire.js';

interface Context {
  readonly wire: Wire;
  readonly signal: boolean;
  readonly media: boolean;
  readonly failures: number;
  readonly reason: string | null;
}

type Told = { readonly type: 'join' | 'leave' | 'lost' } | { readonly type: 'signal' | 'media'; readonly up: boolean };

/** Hears one join, and the healths of its link. */
const session = fromCallback<Told, { readonly wire: Wire }>(({ input: { wire }, sendBack }) => {
  const hear = (type: 'signal' | 'media', health$: Observable<Health>): Observable<Told> =>
    health$.pipe(map((health) => ({ type, up: health === 'up' })));
  const hearing = wire.join$
    .pipe(switchMap(({ signal$, media$ }) => merge(hear('signal', signal$), hear('media', media$))))
    .subscribe({
      next: sendBack,
      error: () => sendBack({ type: 'lost' }),
    });
  return () => hearing.unsubscribe();
});

/** The job as one would write it with XState 5. */
const machine = setup({
  types: { context: {} as Context, events: {} as Told, input: {} as { readonly wire: Wire } },
  actors: { session },
  guards: {
    well: ({ context: { signal, media } }) => signal && media,
    signalUp: ({ context: { signal } }) => signal,
    mediaDown: ({ context: { media } }) => !media,
  },
  delays: {
    wait: ({ context: { failures } }) => waitAfter(failures, Math.random),
    settle: limits.settle,
    attempt: limits.attempt,
    joinDeadline: deadlines.connecting,
    deadline: deadlines.reconnecting,
  },
  actions: {
    hear: assign(({ event }) => (event.type === 'signal' || event.type === 'media' ? { [event.type]: event.up } : {})),
    begin: assign(({ spawn, context }) => {
      spawn('session', { id: 'session', input: { wire: context.wire } });
      return { signal: false, media: false };
    }),
    end: stopChild('session'),
    fail: assign({ failures: ({ context }) => context.failures + 1 }),
  },
}).createMachine({
  id: 'room',
  context: ({ input }) => ({ wire: input.wire, signal: false, media: false, failures: 0, reason: null }),
  on: {
    signal: { actions: 'hear' },
    media: { actions: 'hear' },
    leave: { target: '.disconnected', actions: ['end', assign({ reason: 'leaveChannel' })] },
  },
  initial: 'disconnected',
  states: {
    disconnected: {
      on: { join: { target: 'connecting', actions: assign({ reason: 'joinChannel', failures: 0 }) } },
    },
    connecting: {
      after: { joinDeadline: { target: 'failed', actions: assign({ reason: 'timeout' }) } },
      initial: 'attempting',
      states: {
        attempting: {
          entry: 'begin',
          always: { guard: 'well', target: '#room.connected', actions: assign({ reason: 'joinSucceed' }) },
          on: { lost: 'waiting' },
          after: { attempt: 'waiting' },
        },
        waiting: { entry: ['end', 'fail'], after: { wait: 'attempting' } },
      },
    },
    connected: {
      entry: assign({ failures: 0 }),
      initial: 'well',
      on: { lost: { target: 'reconnecting', actions: assign({ reason: 'signalDisconnected' }) } },
      states: {
        well: {
          always: [
            { guard: not('signalUp'), target: 'dip' },
            {
              guard: and(['signalUp', 'mediaDown']),
              target: '#room.reconnecting',
              actions: assign({ reason: 'mediaConnectionDisconnected' }),
            },
          ],
        },
        dip: {
          always: { guard: 'signalUp', target: 'well' },
          after: {
            settle: { target: '#room.reconnecting', actions: assign({ reason: 'signalDisconnected' }) },
          },
        },
      },
    },
    reconnecting: {
      after: { deadline: { target: 'failed', actions: assign({ reason: 'timeout' }) } },
      initial: 'waiting',
      states: {
        attempting: {
          entry: 'begin',
          always: { guard: 'well', target: '#room.connected', actions: assign({ reason: 'rejoinSucceed' }) },
          on: { lost: 'waiting' },
          after: { attempt: 'waiting' },
        },
        waiting: { entry: ['end', 'fail'], after: { wait: 'attempting' } },
      },
    },
    failed: {
      entry: 'end',
      on: { join: { target: 'connecting', actions: assign({ reason: 'joinChannel', failures: 0 }) } },
    },
  },
});

export function machineRoom(wire: Wire, scheduler: SchedulerLike = asyncScheduler): BenchRoom {
  const actor = createActor(machine, {
    input: { wire },
    ...(scheduler !== asyncScheduler && { clock: clockOf(scheduler) }),
  });
  actor.start();
  return {
    state: () => {
      const { value, context } = actor.getSnapshot();
      return `${typeof value === 'string' ? value : Object.keys(value).join()}/${String(context.reason)}`;
    },
    join: () => actor.send({ type: 'join' }),
    leave: () => actor.send({ type: 'leave' }),
  };
}

/** XState's clock, on a scheduler. */
function clockOf(scheduler: SchedulerLike): {
  setTimeout: (work: () => void, ms: number) => Subscription;
  clearTimeout: (timer: Subscription) => void;
} {
  return {
    setTimeout: (work, ms) => scheduler.schedule(() => work(), ms),
    clearTimeout: (timer) => timer.unsubscribe(),
  };
}
