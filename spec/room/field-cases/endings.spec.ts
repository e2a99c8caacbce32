import { NEVER, Observable, Subject, throwError, timer } from 'rxjs';
import {
  DeadlineExceededError,
  giveUp,
  spaced,
  type Failed,
  type Health,
  type Room,
  type RoomOptions,
  type ServerNotice,
} from '../../../lib/index.js';
import { alwaysUp, linkOf, type TestLink } from '../room-harness.js';
import { call, down, failureOf, joined, logOf, roomOf, signalling, story } from './story.js';

/** The default schedule without chance: 250, 500, 1000, 2000, then always 2850 ms. */
const even: RoomOptions = { random: () => 0.5 };

describe('what failed says', () => {
  describe('of the legs that were missing', () => {
    /** A call whose legs break at 20 s; nothing helps. */
    const breaking = (...legs: readonly ('signal$' | 'media$')[]): Failed =>
      failureOf(
        story(70_000, ({ at }) => {
          const a = call('a');
          const room = roomOf({ join: () => joined(a), repair: () => NEVER, classify: () => undefined }, even);
          room.join();
          at(20_000, () => {
            for (const leg of legs) a[leg].next(down());
          });
          return room;
        }),
      );

    it('D5 signal or both, when a connection breaks', () => {
      expect(breaking('signal$').cause).toBe('signal');
      expect(breaking('signal$', 'media$').cause).toBe('both');
    });

    it('D5 media, when signalling stays well', () => {
      const room = story(70_000, ({ at }) => {
        const a = call('a');
        let joins = 0;
        const room = roomOf({ join: () => (joins++ === 0 ? joined(a) : NEVER) }, even);
        room.join();
        at(20_000, () => a.media$.next(down()));
        return room;
      });
      expect(failureOf(room)).toEqual(jasmine.objectContaining({ reason: 'timeout', cause: 'media' }));
    });

    it('D5 what progress$ names at last, when the second leg breaks later', () => {
      const room = story(70_000, ({ at }) => {
        const a = call('a');
        const room = roomOf({ join: () => joined(a), repair: () => NEVER, classify: () => undefined }, even);
        room.join();
        at(20_000, () => a.signal$.next(down()));
        at(25_000, () => a.media$.next(down()));
        return room;
      });
      expect(failureOf(room).cause).toBe('both');
    });

    /** A first join whose link has these legs. */
    const joining = (signal$: Observable<Health>, media$: Observable<Health>): Failed =>
      failureOf(
        story(30_000, () => {
          const room = roomOf({ join: () => joined(linkOf('a', signal$, { media$ }), 10) }, even);
          room.join();
          return room;
        }),
      );

    it('D5 J1 J6 media, when a join never got any', () => {
      const { reason, cause, attempts, error } = joining(alwaysUp, NEVER);
      expect({ reason, cause, attempts }).toEqual({ reason: 'joinChannelFailed', cause: 'media', attempts: 2 });
      expect(error).toBeInstanceOf(DeadlineExceededError);
    });

    it('D5 signal or both, when those never came up', () => {
      expect(joining(NEVER, alwaysUp).cause).toBe('signal');
      expect(joining(NEVER, NEVER).cause).toBe('both');
    });

    it('D5 those of the last link of a join, also when later attempts gave none', () => {
      const room = story(30_000, () => {
        let joins = 0;
        const room = roomOf(
          {
            join: () =>
              joins++ === 0
                ? joined(linkOf('a', alwaysUp, { media$: NEVER }), 10, timedOut(1_000))
                : throwError(() => new Error('no route')),
          },
          even,
        );
        room.join();
        return room;
      });
      expect(failureOf(room).cause).toBe('media');
    });

    it('D5 none, when no link of a join says', () => {
      const room = story(30_000, () => {
        const room = roomOf({ join: () => NEVER }, even);
        room.join();
        return room;
      });
      expect(failureOf(room).cause).toBeNull();
    });

    it('D5 R14 none, when the server sent us elsewhere and nobody answers there', () => {
      const room = story(70_000, ({ at }) => {
        const notice$ = new Subject<ServerNotice>();
        let joins = 0;
        const room = roomOf(
          { join: () => (joins++ === 0 ? joined(linkOf('a', alwaysUp, { notice$ })) : NEVER) },
          even,
        );
        room.join();
        at(20_000, () => notice$.next({ kind: 'redispatch', endpoint: 'X' }));
        return room;
      });
      expect(failureOf(room)).toEqual(jasmine.objectContaining({ reason: 'timeout', cause: null }));
    });
  });

  describe('of why', () => {
    /** A first join of which every attempt throws this. */
    const throwing = (thrown: unknown, how: 'fatal' | 'until the deadline'): Failed =>
      failureOf(
        story(30_000, () => {
          const room = roomOf(
            {
              join: () => throwError(() => thrown),
              classify: () => (how === 'fatal' ? { kind: 'fatal' } : undefined),
            },
            even,
          );
          room.join();
          return room;
        }),
      );

    it('D5 J2 an Error that a transport throws, as it is', () => {
      const boom = new Error('boom');
      expect(throwing(boom, 'fatal').error).toBe(boom);
    });

    for (const thrown of ['no such room', undefined, null, { code: 404 }])
      it(`D5 an Error around what is none: ${JSON.stringify(thrown)}`, () => {
        const { error, attempts } = throwing(thrown, 'fatal');
        expect(error).toBeInstanceOf(Error);
        expect(error.message).not.toBe('');
        expect(error.cause).toEqual(thrown);
        expect(attempts).toBe(1);
      });

    it('D5 at the deadline, with the last error of an attempt as its cause', () => {
      const { error } = throwing('no route', 'until the deadline');
      expect(error).toBeInstanceOf(DeadlineExceededError);
      expect(error.cause).toBe('no route');
    });

    it('D5 an Error when a schedule gives up before anything was tried: at the announcement, in one emission', () => {
      const { room, log } = story(60_000, ({ at }) => {
        const a = signalling('a');
        const room = roomOf({ join: () => joined(a) }, { ...even, schedule: giveUp });
        const log = logOf(room);
        room.join();
        at(29_000, () => a.signal$.next(down()));
        return { room, log };
      });
      expect(log.states.slice(1)).toEqual(['0 connected/joinSucceed', '30000 failed/joinChannelFailed']);
      const { error, attempts, cause } = failureOf(room);
      expect(error.message).toBe('gave up after 0 attempts');
      expect({ attempts, cause }).toEqual({ attempts: 0, cause: 'signal' });
    });

    it('H1 D5 nothing when a schedule gives up in a dip that heals before it is announced', () => {
      const log = story(60_000, ({ at }) => {
        const a = signalling('a');
        const room = roomOf({ join: () => joined(a) }, { ...even, schedule: giveUp });
        const log = logOf(room);
        room.join();
        at(29_000, () => a.signal$.next(down()));
        at(29_900, () => a.signal$.next('up'));
        at(50_000, () => room.leave());
        return log;
      });
      expect(log.states.slice(1)).toEqual(['0 connected/joinSucceed', '50000 disconnected/leaveChannel']);
    });
  });
});

/** Errors after `ms`. */
const timedOut = (ms: number): Observable<never> =>
  new Observable((subscriber) => timer(ms).subscribe(() => subscriber.error(new Error('gone'))));

describe('the session that a join replaces', () => {
  it('J7 is the one of before, after failed', () => {
    const told = story(70_000, ({ at, now }) => {
      const a = signalling('a');
      const told: string[] = [];
      const isOut = (): boolean => now() >= 20_000 && now() < 61_000;
      const room = roomOf(
        {
          join: ({ previous }) => {
            told.push(`${String(now())} ${previous?.name ?? 'nobody'}`);
            if (isOut()) return throwError(() => new Error('no route'));
            return joined<TestLink>(now() === 0 ? a : signalling('b'));
          },
        },
        { ...even, schedule: spaced(15_000) },
      );
      room.join();
      at(20_000, () => a.signal$.next(down()));
      at(61_000, () => room.join());
      at(62_000, () => room.leave());
      at(63_000, () => room.join());
      at(64_000, () => room.leave());
      return told;
    });
    // The last chance comes in the middle of the 10 s that are left at 50 s. After leave() there is nobody to replace.
    expect(told).toEqual(['0 nobody', '35000 a', '50000 a', '55000 a', '61000 a', '63000 nobody']);
  });

  it('J7 L5 is the newest link, also when its join ends in the same frame', () => {
    const { told, closes } = story(30_000, ({ at }) => {
      const told: string[] = [];
      const links = [signalling('K1'), signalling('K2'), signalling('K3')] as const;
      const first = new Subject<TestLink>();
      const room = roomOf(
        {
          join: ({ previous }) => {
            told.push(previous?.name ?? 'nobody');
            return told.length === 1 ? first : joined<TestLink>(links[2]);
          },
        },
        even,
      );
      room.join();
      first.next(links[0]);
      at(20_000, () => {
        first.next(links[1]);
        first.error(new Error('gone'));
      });
      at(25_000, () => room.leave());
      return { told, closes: () => links.map(({ closes }) => closes) };
    });
    expect(told).toEqual(['nobody', 'K2']);
    // A link whose join ended closed itself.
    expect(closes()).toEqual([['superseded'], [], ['left']]);
  });
});

describe('a command given while a link is wired', () => {
  /** Says when it is subscribed to and when not any more. */
  const telling = (diary: string[], name: string, act: () => void = () => undefined): Observable<never> =>
    new Observable(() => {
      diary.push(`${name} subscribed`);
      act();
      return () => diary.push(`${name} unsubscribed`);
    });

  it('L5 M2 L4 leaves once all of the link is wired, tells it once, and holds nothing', () => {
    const { diary, closes, log } = story(10_000, ({ at }) => {
      const diary: string[] = [];
      const a = linkOf('a', telling(diary, 'signal$', () => room.leave()), {
        media$: telling(diary, 'media$'),
        notice$: telling(diary, 'notice$'),
      });
      const room: Room<TestLink> = roomOf({ join: () => joined(a, 10) }, even);
      const log = logOf(room);
      room.join();
      at(5_000, () => room.leave());
      return { diary, closes: a.closes, log };
    });
    const legs = ['signal$', 'media$', 'notice$'];
    expect(diary).toEqual([...legs.map((leg) => `${leg} subscribed`), ...legs.map((leg) => `${leg} unsubscribed`)]);
    expect(closes).toEqual(['left']);
    expect(log.states).toEqual(['0 connecting/joinChannel', '10 disconnected/leaveChannel']);
  });

  it('L5 M2 L4 leaves when the older link calls leave() as it is told that it is superseded', () => {
    const { diary, closes, log } = story(10_000, ({ at }) => {
      const diary: string[] = [];
      const source = new Subject<TestLink>();
      const signalOf = (name: string): Observable<Health> =>
        new Observable((subscriber) => {
          diary.push(`${name} subscribed`);
          subscriber.next('up');
          return () => diary.push(`${name} unsubscribed`);
        });
      const links = [
        linkOf('K1', signalOf('K1'), {
          close: (why) => {
            if (why === 'superseded') room.leave();
          },
        }),
        linkOf('K2', signalOf('K2')),
        linkOf('K3', signalOf('K3')),
      ] as const;
      let joins = 0;
      const room: Room<TestLink> = roomOf(
        { join: () => (joins++ === 0 ? source : joined(links[2])) },
        even,
      );
      const log = logOf(room);
      room.join();
      source.next(links[0]);
      at(1_000, () => source.next(links[1]));
      at(2_000, () => room.join());
      at(3_000, () => room.leave());
      return { diary, closes: links.map((link) => link.closes), log };
    });
    expect(closes).toEqual([['superseded'], ['left'], ['left']]);
    expect(diary).toEqual(['K1', 'K2', 'K3'].flatMap((name) => [`${name} subscribed`, `${name} unsubscribed`]));
    expect(log.states.slice(1)).toEqual([
      '0 connected/joinSucceed',
      '1000 disconnected/leaveChannel',
      '2000 connecting/joinChannel',
      '2000 connected/joinSucceed',
      '3000 disconnected/leaveChannel',
    ]);
  });
});
