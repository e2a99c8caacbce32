import { filter, map, merge, NEVER, Subject, type Observable } from 'rxjs';
import type { Attempt, Health, RoomTransport, ServerNotice, Verdict } from '../../lib/index.js';
import { brisk, healths, joins, marbles, watchedRoom, type Joins, type TestLink } from './room-harness.js';

const down: Health = { down: true };

/** Errors are their own verdicts. */
const verdicts = { classify: (error: unknown) => error as Verdict };

interface Mending extends Joins {
  /** What every call of `repair` was told. */
  readonly repairs: Attempt<TestLink>[];
}

/** Repairs by kind; every attempt is remembered. */
function mending(
  transport: Joins,
  { resume = NEVER, restart = NEVER }: { readonly resume?: Observable<unknown>; readonly restart?: Observable<unknown> } = {},
): Mending {
  const repairs: Attempt<TestLink>[] = [];
  const repair: RoomTransport<void, TestLink>['repair'] = (_, attempt) => {
    repairs.push(attempt);
    return attempt.kind === 'resume' ? resume : restart;
  };
  return { ...verdicts, ...transport, repair, repairs };
}

const kinds = (attempts: readonly Attempt<TestLink>[]): string[] => attempts.map(({ number, kind }) => `${number} ${kind}`);

describe('health of a room', () => {
  describe('dips', () => {
    it('H1 repairs a dip of the signal in silence, at the time that was planned at its first sign', () => {
      marbles(({ cold, health, link, command, expectStates, expectObservable, expectSubscriptions }) => {
        const signal$ = health('  -u---d-----u-----');
        const join = cold('       l                ', { l: link('a', { signal$ }) });
        const resume = cold<never>('      -        ');
        const joined = '          ^                ';
        const repaired = '        --------^--!     ';
        const transport = mending(joins(join), { resume });
        const room = watchedRoom(transport, { ...brisk, settle: { signal: 8 }, schedule: () => 3 });
        const waits = room.events$.pipe(
          filter((event) => event.type === 'waiting'),
          map(({ nextRetryAt }) => nextRetryAt),
        );
        command(room, '           j                ');
        expectStates(room, '      --^              ')
          .toBe('                 --C              ');
        expectObservable(waits)
          .toBe('                 -----8           ', { 8: 8 });
        expectSubscriptions(join.subscriptions).toBe(joined);
        expectSubscriptions(resume.subscriptions).toBe(repaired);
      });
    });

    it('H1 repairs a dip of the media in silence', () => {
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const media$ = health('   -u---d-----u-----');
        const join = cold('       l                ', { l: link('a', { media$ }) });
        const restart = cold<never>('     -        ');
        const joined = '          ^                ';
        const repaired = '        --------^--!     ';
        const transport = mending(joins(join), { restart });
        const room = watchedRoom(transport, { ...brisk, settle: { signal: 8, media: 8 }, schedule: () => 3 });
        command(room, '           j                ');
        expectStates(room, '      --^              ')
          .toBe('                 --C              ');
        expectSubscriptions(join.subscriptions).toBe(joined);
        expectSubscriptions(restart.subscriptions).toBe(repaired);
      });
    });

    it('H1 starts nothing when a dip heals before its first repair', () => {
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d-u---------');
        const join = cold('       l                ', { l: link('a', { signal$ }) });
        const resume = cold<never>('      -        ');
        const room = watchedRoom(mending(joins(join), { resume }), { ...brisk, settle: { signal: 8 }, schedule: () => 3 });
        command(room, '           j                ');
        expectStates(room, '      --^              ')
          .toBe('                 --C              ');
        expectSubscriptions(join.subscriptions).toBe('^');
        expectSubscriptions(resume.subscriptions).toBe([]);
      });
    });

    it('H1 never rejoins inside the settle time', () => {
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d-----u-----');
        const join = cold('       l                ', { l: link('a', { signal$ }) });
        const joined = '          ^                ';
        const room = watchedRoom(joins(join), { ...brisk, settle: { signal: 8 }, schedule: () => 3 });
        command(room, '           j                ');
        expectStates(room, '      --^              ')
          .toBe('                 --C              ');
        expectSubscriptions(join.subscriptions).toBe(joined);
      });
    });

    it('H1 rejoins with the announcement when the wait is over by then', () => {
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d---------------');
        const a = cold('          l                    ', { l: link('a', { signal$ }) });
        const b = cold('                       --l     ', { l: link('b') });
        const subs = '            ^------------!       ';
        const next = '            -------------^       ';
        const room = watchedRoom(joins(a, b), { ...brisk, settle: { signal: 8 }, schedule: () => 3 });
        command(room, '           j                    ');
        expectStates(room, '      --^                  ')
          .toBe('                 --C----------s-R     ');
        expectSubscriptions(a.subscriptions).toBe(subs);
        expectSubscriptions(b.subscriptions).toBe(next);
      });
    });

    it('H1 holds the rejoin that follows a refused repair until the announcement', () => {
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d---------------');
        const a = cold('          l                    ', { l: link('a', { signal$ }) });
        const resume = cold<never>('      -#           ', undefined, { kind: 'refused' });
        const b = cold('                       --l     ', { l: link('b') });
        const subs = '            ^------------!       ';
        const repaired = '        --------^!           ';
        const next = '            -------------^       ';
        const room = watchedRoom(mending(joins(a, b), { resume }), {
          ...brisk,
          settle: { signal: 8 },
          schedule: () => 3,
        });
        command(room, '           j                    ');
        expectStates(room, '      --^                  ')
          .toBe('                 --C----------s-R     ');
        expectSubscriptions(a.subscriptions).toBe(subs);
        expectSubscriptions(resume.subscriptions).toBe(repaired);
        expectSubscriptions(b.subscriptions).toBe(next);
      });
    });

    it('H1 announces nothing inside the settle time, a repair with a fatal answer included', () => {
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d------u----');
        const a = cold('          l                ', { l: link('a', { signal$ }) });
        const resume = cold<never>('      -#       ', undefined, { kind: 'fatal' });
        const repaired = '        --------^!       ';
        const room = watchedRoom(mending(joins(a), { resume }), { ...brisk, settle: { signal: 8 }, schedule: () => 3 });
        command(room, '           j                ');
        expectStates(room, '      --^              ')
          .toBe('                 --C              ');
        expectSubscriptions(a.subscriptions).toBe('^');
        expectSubscriptions(resume.subscriptions).toBe(repaired);
      });
    });

    it('H2 announces a dip of the signal when it has lasted, counted from its report', () => {
      marbles(({ cold, health, link, command, expectStates }) => {
        const signal$ = health('  -u---d--------u-');
        const join = cold('       l              ', { l: link('a', { signal$ }) });
        const room = watchedRoom(joins(join), { ...brisk, schedule: () => 15, settle: { signal: 4 } });
        command(room, '           j              ');
        expectStates(room, '      --^            ')
          .toBe('                 --C------s----R-');
      });
    });

    it('H2 announces a dip of the media by the settle time of media', () => {
      marbles(({ cold, health, link, command, expectStates }) => {
        const media$ = health('   -u---d--------u-');
        const join = cold('       l              ', { l: link('a', { media$ }) });
        const room = watchedRoom(joins(join), { ...brisk, schedule: () => 15, settle: { signal: 2, media: 6 } });
        command(room, '           j              ');
        expectStates(room, '      --^            ')
          .toBe('                 --C--------m--R-');
      });
    });

    it('H2 counts from the report, not from the last proof of life and not from a repeated report', () => {
      marbles(({ cold, hot, link, command, expectStates }) => {
        const dips: Record<string, Health> = { u: 'up', d: { down: true, aliveAt: 2 }, e: { down: true, aliveAt: 3 }, f: down };
        const signal$ = hot('     -u---defd-----u-', dips);
        const join = cold('       l               ', { l: link('a', { signal$ }) });
        const room = watchedRoom(joins(join), { ...brisk, schedule: () => 15, settle: { signal: 4 } });
        command(room, '           j               ');
        expectStates(room, '      --^             ')
          .toBe('                 --C------s----R--');
      });
    });

    it('H2 begins anew with every dip', () => {
      marbles(({ cold, health, link, command, expectStates }) => {
        const signal$ = health('  -u---d--ud--ud-------u-');
        const join = cold('       l                     ', { l: link('a', { signal$ }) });
        const room = watchedRoom(joins(join), { ...brisk, schedule: () => 15, settle: { signal: 4 } });
        command(room, '           j                     ');
        expectStates(room, '      --^                   ')
          .toBe('                 --C--------------s---R-');
      });
    });

    it('H2 settles the signal for a second and the media not at all, unless told otherwise', () => {
      marbles(({ cold, health, link, command, expectStates }) => {
        const options = { schedule: () => 30_000, random: () => 0.5 };
        const signal$ = health('  -u---d 999ms -- u');
        const media$ = health('   -u---d 999ms -- u');
        const a = watchedRoom(joins(cold('l', { l: link('a', { signal$ }) })), options);
        const b = watchedRoom(joins(cold('l', { l: link('b', { media$ }) })), options);
        command(a, '              j                ');
        command(b, '              j                ');
        expectStates(a, '         --^              ')
          .toBe('                 --C--- 999ms s- R');
        expectStates(b, '         --^              ')
          .toBe('                 --C--m 999ms -- R');
      });
    });
  });

  describe('two witnesses of one death', () => {
    const orders: readonly (readonly [string, readonly ('watchdog' | 'close')[]])[] = [
      ['the watchdog before the close', ['watchdog', 'close']],
      ['the close before the watchdog', ['close', 'watchdog']],
    ];
    for (const [name, order] of orders) {
      it(`H5 is one episode when both speak in one frame, ${name}`, () => {
        const positions: number[] = [];
        marbles(({ cold, link, command, call, expectStates, expectSubscriptions }) => {
          const signal$ = new Subject<Health>();
          const join$ = new Subject<TestLink>();
          const witness = {
            watchdog: () => signal$.next(down),
            close: () => join$.error({ kind: 'unreachable' }),
          };
          const b = cold('                 --l     ', { l: link('b') });
          const next = '            -------^       ';
          const transport = { ...verdicts, ...joins(join$, b) };
          const room = watchedRoom(transport, {
            ...brisk,
            schedule: ({ position }) => {
              positions.push(position);
              return 2;
            },
          });
          command(room, '           j              ');
          call('                    -l---x         ', {
            l: () => {
              join$.next(link('a', { signal$ }));
              signal$.next('up');
            },
            x: () => {
              for (const who of order) witness[who]();
            },
          });
          expectStates(room, '      --^            ')
            .toBe('                 --C--s---R     ');
          expectSubscriptions(b.subscriptions).toBe(next);
        });
        expect(positions).toEqual([1]);
      });
    }

    it('H5 goes on with the wait and the deadline when the close follows the watchdog', () => {
      const positions: number[] = [];
      let transport!: Joins;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d                     ');
        const a = cold('          l------#                   ', { l: link('a', { signal$ }) });
        const b = cold<never>('           -                  ');
        const subs = '            ^------!                   ';
        const next = '            --------^----------------! ';
        transport = mending(joins(a, b));
        const room = watchedRoom(transport, {
          ...brisk,
          attemptLimit: 20,
          schedule: ({ position }) => {
            positions.push(position);
            return 3;
          },
        });
        command(room, '           j                          ');
        expectStates(room, '      --^                        ')
          .toBe('                 --C--s-------------------t ');
        expectSubscriptions(a.subscriptions).toBe(subs);
        expectSubscriptions(b.subscriptions).toBe(next);
      });
      expect(positions).toEqual([1]);
      expect(kinds(transport.attempts)).toEqual(['1 join', '1 rejoin']);
    });

    it('H5 announces once, with the close, when the watchdog was still settling', () => {
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d                 ');
        const a = cold('          l------#               ', { l: link('a', { signal$ }) });
        const b = cold('                  ------------l  ', { l: link('b') });
        const next = '            --------^              ';
        const room = watchedRoom(joins(a, b), { ...brisk, settle: { signal: 8 }, schedule: () => 3, attemptLimit: 15 });
        command(room, '           j                      ');
        expectStates(room, '      --^                    ')
          .toBe('                 --C----s------------R  ');
        expectSubscriptions(b.subscriptions).toBe(next);
      });
    });

    it('H5 stays one episode when the close comes in mid repair', () => {
      let transport!: Mending;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d                    ');
        const a = cold('          l-------#                 ', { l: link('a', { signal$ }) });
        const resume = cold<never>('     -                  ');
        const repaired = '        -------^!                 ';
        transport = mending(joins(a, NEVER), { resume });
        const room = watchedRoom(transport);
        command(room, '           j                         ');
        expectStates(room, '      --^                       ')
          .toBe('                 --C--s-------------------t');
        expectSubscriptions(resume.subscriptions).toBe(repaired);
      });
      expect(new Set(transport.repairs.map(({ kind }) => kind))).toEqual(new Set(['resume']));
      expect(transport.repairs.length).toBe(1);
      expect(transport.attempts[1]?.kind).toBe('rejoin');
    });
  });

  describe('superseded links', () => {
    it('H6 hears nothing of a link that a rejoin has replaced', () => {
      const errors: unknown[] = [];
      marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
        const words: Record<string, ServerNotice> = { k: { kind: 'kicked' } };
        const signal$ = hot('     -u---d---u---d-------', { ...healths });
        const media$ = hot('      -u---------d---------', { ...healths });
        const notice$ = hot('       ----------k-k-k------', words);
        const errors$ = hot('     -----------e---------');
        const a = cold('          l                    ', { l: link('a', { signal$, media$, notice$, errors$ }) });
        const b = cold('                 -l            ', { l: link('b') });
        const subs = '            ^------!             ';
        const room = watchedRoom(joins(a, b));
        room.errors$.subscribe((error) => errors.push(error));
        command(room, '           j                    ');
        expectStates(room, '      --^                  ')
          .toBe('                 --C--s--R            ');
        for (const heard of [a, signal$, media$, notice$, errors$]) expectSubscriptions(heard.subscriptions).toBe(subs);
      });
      expect(errors).toEqual([]);
    });

    it('H6 hears nothing of a link that a newer one of the same join has replaced', () => {
      marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
        const words: Record<string, ServerNotice> = { k: { kind: 'kicked' } };
        const signal$ = hot('     -u----d-----', { ...healths });
        const notice$ = hot('       -----k-k----', words);
        const join = cold('       l---m       ', { l: link('a', { signal$, notice$ }), m: link('b') });
        const subs = '            ^---!       ';
        const room = watchedRoom(joins(join));
        command(room, '           j           ');
        expectStates(room, '      --^         ')
          .toBe('                 --C-R       ');
        expectSubscriptions(signal$.subscriptions).toBe(subs);
        expectSubscriptions(notice$.subscriptions).toBe(subs);
        expectSubscriptions(join.subscriptions).toBe('^');
      });
    });

    it('H6 lets a late pong of the old link change nothing', () => {
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const probe = cold<never>('      -----#');
        const probed = '          -----^-!    ';
        const media$ = health('   -u---d      ');
        const a = link('a', { media$, probe: () => probe });
        const join = cold('       l------m    ', { l: a, m: link('b') });
        const room = watchedRoom(joins(join), { ...brisk, settle: { signal: 0, media: 5 }, schedule: () => 9 });
        command(room, '           j           ');
        expectStates(room, '      --^         ')
          .toBe('                 --C----R    ');
        expectSubscriptions(probe.subscriptions).toBe(probed);
      });
    });

    it('H6 lets a late answer of a repair of the old link change nothing', () => {
      let transport!: Mending;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d      ');
        const fresh$ = health('   ------------u');
        const resume = cold<never>('     --# ', undefined, { kind: 'refused' });
        const resumed = '         -------^!   ';
        const a = link('a', { signal$ });
        const join = cold('       l-------m    ', { l: a, m: link('b', { signal$: fresh$ }) });
        transport = mending(joins(join), { resume });
        const room = watchedRoom(transport, { ...brisk, schedule: ({ position }) => (position === 1 ? 2 : 9) });
        command(room, '           j            ');
        expectStates(room, '      --^          ')
          .toBe('                 --C--s------R');
        expectSubscriptions(join.subscriptions).toBe('^');
        expectSubscriptions(resume.subscriptions).toBe(resumed);
      });
      expect(transport.attempts.length).toBe(1);
    });

    it('H6 lets an answer about the old link change nothing in the frame of the new one either', () => {
      marbles(({ cold, hot, health, scheduler, link, command, expectStates, expectSubscriptions }) => {
        const options = { ...brisk, scheduler, settle: { signal: 0, media: 5 } };
        const media$ = health('   -u---d       ');
        const signal$ = health('  -u---d       ');
        const one = hot('         -------m     ', { m: link('b') });
        const two = hot('         --------m    ', { m: link('d') });
        const probe = hot<never>('-------#     ');
        const resume = hot<never>('--------#   ', undefined, { kind: 'refused' });
        const a = cold('          l            ', { l: link('a', { media$, probe: () => probe }) });
        const c = cold('          l            ', { l: link('c', { signal$ }) });
        const first = watchedRoom(joins(merge(a, one)), { ...options, schedule: () => 9 });
        const second = watchedRoom(mending(joins(merge(c, two)), { resume }), options);
        command(first, '          j            ');
        command(second, '         j            ');
        expectStates(first, '     --^          ')
          .toBe('                 --C----R     ');
        expectStates(second, '    --^          ')
          .toBe('                 --C--s--R    ');
        expectSubscriptions(a.subscriptions).toBe('^');
        expectSubscriptions(c.subscriptions).toBe('^');
      });
    });

    it('H6 ignores what a link still says while it is being closed', () => {
      let room!: ReturnType<typeof watchedRoom<void, TestLink>>;
      const words = new Subject<ServerNotice>();
      const signals = new Subject<Health>();
      marbles(({ cold, link, command, call, expectStates, expectSubscriptions }) => {
        const parting = (): void => {
          signals.next('up');
          words.next({ kind: 'kicked' });
        };
        const a = cold('          l                ', { l: link('a', { signal$: signals, notice$: words, close: parting }) });
        const b = cold('                 --l       ', { l: link('b') });
        const subs = '            ^------!         ';
        const next = '            -------^         ';
        room = watchedRoom(joins(a, b));
        command(room, '           j                ');
        call('                    -u---d           ', { u: () => signals.next('up'), d: () => signals.next(down) });
        expectStates(room, '      --^              ')
          .toBe('                 --C--s---R       ');
        expectSubscriptions(a.subscriptions).toBe(subs);
        expectSubscriptions(b.subscriptions).toBe(next);
      });
      expect(room.connectionState.state).toBe('connected');
      expect(words.observed || signals.observed).toBe(false);
    });
  });

  describe('media and signal', () => {
    it('H7 leaves connected when the media dies while the signalling is well', () => {
      marbles(({ cold, health, link, command, expectStates }) => {
        const media$ = health('   -u---d---u---');
        const join = cold('       l            ', { l: link('a', { media$ }) });
        const room = watchedRoom(joins(join), { ...brisk, schedule: () => 9 });
        command(room, '           j            ');
        expectStates(room, '      --^          ')
          .toBe('                 --C--m---R---');
      });
    });

    it('H7 leaves the media alone while the signalling is repaired in place', () => {
      let transport!: Mending;
      let link!: TestLink;
      const links: unknown[] = [];
      marbles(({ cold, hot, health, link: linked, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d----u---');
        const media$ = hot('      -u------------', { ...healths });
        link = linked('a', { signal$, media$ });
        const join = cold('       l             ', { l: link });
        const resume = cold<never>('     -      ');
        const kept = '            ^             ';
        const repaired = '        -------^--!   ';
        transport = mending(joins(join), { resume });
        const room = watchedRoom(transport);
        room.link$.subscribe((value) => links.push(value));
        command(room, '           j             ');
        expectStates(room, '      --^           ')
          .toBe('                 --C--s----R   ');
        for (const heard of [join, media$]) expectSubscriptions(heard.subscriptions).toBe(kept);
        expectSubscriptions(resume.subscriptions).toBe(repaired);
      });
      expect(kinds(transport.repairs)).toEqual(['1 resume']);
      expect(links).toEqual([null, link]);
      expect(link.closes).toEqual([]);
    });

    it('H8 repairs the signalling first, and the media at once when the signalling is back', () => {
      let transport!: Mending;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d---u--------');
        const media$ = health('   -u---d------u-----');
        const join = cold('       l                 ', { l: link('a', { signal$, media$ }) });
        const resume = cold<never>('     -          ');
        const restart = cold<never>('      -        ');
        const resumed = '         -------^-!        ';
        const restarted = '       ---------^--!     ';
        transport = mending(joins(join), { resume, restart });
        const room = watchedRoom(transport);
        command(room, '           j                 ');
        expectStates(room, '      --^               ')
          .toBe('                 --C--s------R     ');
        expectSubscriptions(join.subscriptions).toBe('^');
        expectSubscriptions(resume.subscriptions).toBe(resumed);
        expectSubscriptions(restart.subscriptions).toBe(restarted);
      });
      expect(kinds(transport.repairs)).toEqual(['1 resume', '2 restart']);
    });

    it('H8 repairs no media over signalling that dies during the wait', () => {
      let transport!: Mending;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u----d------u-----');
        const media$ = health('   -u---d----------u--');
        const join = cold('       l                  ', { l: link('a', { signal$, media$ }) });
        const restart = cold<never>('          -     ');
        const restarted = '       -------------^--!  ';
        transport = mending(joins(join), { restart });
        const room = watchedRoom(transport);
        command(room, '           j                  ');
        expectStates(room, '      --^                ')
          .toBe('                 --C--m----------R  ');
        expectSubscriptions(join.subscriptions).toBe('^');
        expectSubscriptions(restart.subscriptions).toBe(restarted);
      });
      expect(transport.repairs[0]?.kind).toBe('resume');
    });

    it('H8 cuts a media repair whose signalling dies, and begins it again at once', () => {
      let transport!: Mending;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u------du--------');
        const media$ = health('   -u---d------u-----');
        const join = cold('       l                 ', { l: link('a', { signal$, media$ }) });
        const restart = cold<never>('    -          ');
        const restarted = [
          '                       -------^!         ',
          '                       ---------^--!     ', // at once
        ];
        transport = mending(joins(join), { restart });
        const room = watchedRoom(transport);
        command(room, '           j                 ');
        expectStates(room, '      --^               ')
          .toBe('                 --C--m------R     ');
        expectSubscriptions(join.subscriptions).toBe('^');
        expectSubscriptions(restart.subscriptions).toBe(restarted);
      });
      expect(kinds(transport.repairs)).toEqual(['1 restart', '2 restart']);
    });

    it('H8 resumes the signalling that killed a media repair, and climbs nothing', () => {
      let transport!: Mending;
      let attempts: unknown;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u------d---------------u----');
        const media$ = health('   -u---d---------------------u-');
        const join = cold('       l                            ', { l: link('a', { signal$, media$ }) });
        const restart = cold<never>('    -                     ');
        const restarted = [
          '                       -------^!                    ',
          '                       ------------------------^--! ', // at once
        ];
        transport = mending(joins(join), { restart });
        const room = watchedRoom(transport, { ...brisk, deadline: 60, attemptLimit: 20 });
        room.events$.subscribe((event) => {
          if (event.type === 'attempt') attempts = event.number;
        });
        command(room, '           j                            ');
        expectStates(room, '      --^                          ')
          .toBe('                 --C--m---------------------R ');
        expectSubscriptions(join.subscriptions).toBe('^');
        expectSubscriptions(restart.subscriptions).toBe(restarted);
      });
      expect(kinds(transport.repairs)).toEqual(['1 restart', '2 resume', '3 restart']);
      expect(attempts).toBe(3);
    });
  });

  describe('lost sources', () => {
    it('H10 takes a signal that errors for a lost signal and goes on', () => {
      const errors: unknown[] = [];
      marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = hot('     -u---#      ', { ...healths }, 'boom');
        const a = cold('          l           ', { l: link('a', { signal$ }) });
        const b = cold('                 -l   ', { l: link('b') });
        const next = '            -------^    ';
        const room = watchedRoom(joins(a, b));
        room.errors$.subscribe((error) => errors.push(error));
        command(room, '           j           ');
        expectStates(room, '      --^         ')
          .toBe('                 --C--s--R   ');
        expectSubscriptions(b.subscriptions).toBe(next);
      });
      expect(errors).toEqual([{ at: 5, from: 'signal$', error: 'boom' }]);
    });

    it('H10 takes media that completes for lost media and goes on', () => {
      marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
        const media$ = hot('      -u---|      ', { ...healths });
        const a = cold('          l           ', { l: link('a', { media$ }) });
        const b = cold('                 -l   ', { l: link('b') });
        const next = '            -------^    ';
        const room = watchedRoom(joins(a, b));
        command(room, '           j           ');
        expectStates(room, '      --^         ')
          .toBe('                 --C--m--R   ');
        expectSubscriptions(b.subscriptions).toBe(next);
      });
    });

    it('H10 does not die of a source that ends before the room was connected', () => {
      let room!: ReturnType<typeof watchedRoom<void, TestLink>>;
      marbles(({ cold, link, command }) => {
        const a = cold('          l           ', { l: link('a', { signal$: cold<never>('-#') }) });
        const b = cold('          l           ', { l: link('b', { signal$: cold('-u|', { ...healths }), media$: cold<never>('-|') }) });
        const c = cold('          l           ', { l: link('c') });
        room = watchedRoom(joins(a, b, c), { ...brisk, joinDeadline: 100 });
        command(room, '           j           ');
      });
      expect(room.connectionState).toEqual(jasmine.objectContaining({ state: 'connected', reason: 'joinSucceed' }));
    });

    it('H10 comes back by a new link where a source that ended cannot say that it was repaired', () => {
      let room!: ReturnType<typeof watchedRoom<void, TestLink>>;
      marbles(({ cold, hot, link, command }) => {
        const signal$ = hot('     -u---|      ', { ...healths });
        const a = cold('          l           ', { l: link('a', { signal$ }) });
        const b = cold('          l           ', { l: link('b') });
        room = watchedRoom(mending(joins(a, b)), { ...brisk, deadline: 100 });
        command(room, '           j           ');
      });
      expect(room.connectionState).toEqual(jasmine.objectContaining({ state: 'connected', reason: 'rejoinSucceed' }));
    });

    it('H9 takes a join that completes for a lost link: no settle time, no repair', () => {
      let transport!: Mending;
      marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
        const a = cold('          l----|      ', { l: link('a') });
        const b = cold('                 -l   ', { l: link('b') });
        const next = '            -------^    ';
        transport = mending(joins(a, b));
        const room = watchedRoom(transport, { ...brisk, settle: { signal: 8, media: 8 } });
        command(room, '           j           ');
        expectStates(room, '      -^          ')
          .toBe('                 -C---s--R   ');
        expectSubscriptions(b.subscriptions).toBe(next);
      });
      expect(transport.repairs).toEqual([]);
      expect(transport.attempts[1]).toEqual(jasmine.objectContaining({ number: 1, kind: 'rejoin' }));
    });
  });

  describe('probes', () => {
    it('H11 replaces a silent socket instead of waiting for it', () => {
      let transport!: Mending;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d--------u--');
        const join = cold('       l                ', { l: link('a', { signal$ }) });
        const resume = cold<never>('     ---#      ', undefined, { kind: 'unreachable' });
        const resumed = [
          '                       -------^--!      ',
          '                       ------------^-!  ',
        ];
        transport = mending(joins(join), { resume });
        const room = watchedRoom(transport);
        command(room, '           j                ');
        expectStates(room, '      --^              ')
          .toBe('                 --C--s--------R  ');
        expectSubscriptions(join.subscriptions).toBe('^');
        expectSubscriptions(resume.subscriptions).toBe(resumed);
      });
      expect(kinds(transport.repairs)).toEqual(['1 resume', '2 resume']);
    });

    it('H11 replaces a silent socket by a fresh join where nothing can be repaired', () => {
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u---d        ');
        const a = cold('          l             ', { l: link('a', { signal$ }) });
        const b = cold('                 -l     ', { l: link('b') });
        const subs = '            ^------!      ';
        const next = '            -------^      ';
        const room = watchedRoom(joins(a, b));
        command(room, '           j             ');
        expectStates(room, '      --^           ')
          .toBe('                 --C--s--R     ');
        expectSubscriptions(a.subscriptions).toBe(subs);
        expectSubscriptions(b.subscriptions).toBe(next);
      });
    });

    it('H11 repairs a signal that a lost medium found dead, though its own health still says up', () => {
      let transport!: Mending;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u-------u-----');
        const media$ = health('   -u---d------u--');
        const probe = cold<never>('    -#        ');
        const a = link('a', { signal$, media$, probe: () => (transport.repairs.length === 0 ? probe : cold<never>('|')) });
        const join = cold('       l              ', { l: a });
        const probed = '          -----^!        ';
        const resume = cold<never>('     -       ');
        const resumed = '         -------^-!     ';
        transport = mending(joins(join), { resume });
        const room = watchedRoom(transport);
        command(room, '           j              ');
        expectStates(room, '      --^            ')
          .toBe('                 --C---s-----R  ');
        expectSubscriptions(probe.subscriptions).toBe(probed);
        expectSubscriptions(resume.subscriptions).toBe(resumed);
      });
      expect(kinds(transport.repairs)).toEqual(['1 resume', '2 restart']);
      expect(transport.repairs[0]?.cause).toBe('both');
    });

    it('H11 takes a probe without an answer for a dead signal at its limit', () => {
      let transport!: Mending;
      marbles(({ cold, health, hot, link, command, expectStates, expectSubscriptions }) => {
        const signal$ = health('  -u--------------u-');
        const wake$ = hot('       -----w            ', { w: { suspendedFor: 0 } });
        const probe = cold<never>('    -           ');
        const join = cold('       l                 ', { l: link('a', { signal$, probe: () => probe }) });
        const probed = '          -----^--!         ';
        const resume = cold<never>('       -        ');
        const resumed = '         ----------^-----! ';
        transport = mending(joins(join), { resume });
        const room = watchedRoom(transport, { ...brisk, wake$, probeLimit: 3 });
        command(room, '           j                 ');
        expectStates(room, '      --^               ')
          .toBe('                 --C-----s-------R ');
        expectSubscriptions(probe.subscriptions).toBe(probed);
        expectSubscriptions(resume.subscriptions).toBe(resumed);
      });
      expect(kinds(transport.repairs)).toEqual(['1 resume']);
    });

    it('H12 restarts media only after a probe of its own was answered', () => {
      let transport!: Mending;
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const media$ = health('   -u---d---------u--');
        const probe = cold('           --p         ');
        const join = cold('       l                 ', { l: link('a', { media$, probe: () => probe }) });
        const probed = [
          '                       -----^-!          ',
          '                       -----------^-!    ',
        ];
        const restart = cold<never>('          -   ');
        const restarted = '       -------------^-!  ';
        transport = mending(joins(join), { restart });
        const room = watchedRoom(transport, { ...brisk, schedule: () => 6 });
        command(room, '           j                 ');
        expectStates(room, '      --^               ')
          .toBe('                 --C----m-------R  ');
        expectSubscriptions(probe.subscriptions).toBe(probed);
        expectSubscriptions(restart.subscriptions).toBe(restarted);
      });
      expect(kinds(transport.repairs)).toEqual(['1 restart']);
    });

    const deaths: readonly (readonly [string, string])[] = [
      ['is refused', '--#'],
      ['is not answered', '-'],
    ];
    for (const [name, answer] of deaths) {
      it(`H12 H8 cuts a restart whose probe ${name}, and repairs the signalling in its place`, () => {
        let transport!: Mending;
        marbles(({ cold, health, scheduler, link, command, expectStates, expectSubscriptions }) => {
          let probes = 0;
          const signal$ = health('  -u----------------u---');
          const media$ = health('   -u---d---------------u');
          const fine = cold<never>('     -|              ');
          const dead = cold(answer);
          const join = cold('       l                     ', {
            l: link('a', { signal$, media$, probe: () => (++probes === 2 ? dead : fine) }),
          });
          const asked = '           ---------^-!          ';
          const restart = cold<never>('                -  ');
          const restarted = '       -------------------^-!';
          transport = mending(joins(join), { restart });
          // The TestScheduler loses count when an asap cancels a timer of its own frame: run on it directly.
          const room = watchedRoom(transport, { ...brisk, scheduler, probeLimit: 2, deadline: 40, schedule: () => 4 });
          command(room, '           j                     ');
          expectStates(room, '      --^                   ')
            .toBe('                 --C---m--------------R');
          expectSubscriptions(dead.subscriptions).toBe(asked);
          expectSubscriptions(restart.subscriptions).toBe(restarted);
        });
        expect(kinds(transport.repairs)).toEqual(['2 resume', '3 restart']);
      });
    }

    it('H12 restarts media without a probe where the link has none', () => {
      marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
        const media$ = health('   -u---d-----u-');
        const join = cold('       l            ', { l: link('a', { media$ }) });
        const restart = cold<never>('     -    ');
        const restarted = '       --------^--! ';
        const room = watchedRoom(mending(joins(join), { restart }), { ...brisk, schedule: () => 3 });
        command(room, '           j            ');
        expectStates(room, '      --^          ')
          .toBe('                 --C--m-----R ');
        expectSubscriptions(restart.subscriptions).toBe(restarted);
      });
    });
  });
});
