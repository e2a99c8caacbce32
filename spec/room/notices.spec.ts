import { inspect } from 'node:util';
import { NEVER, Subject } from 'rxjs';
import type { Health, Room, RoomError, ServerNotice, Verdict } from '../../lib/index.js';
import { alphabet, brisk, healths, joins, marbles, watchedRoom, type Joins, type TestLink } from './room-harness.js';

/** Errors are their own verdicts. */
const verdicts = { classify: (error: unknown) => error as Verdict };

const unreachable: Verdict = { kind: 'unreachable' };

const goodbyes = [
  ['kicked', 'k'],
  ['closed', 'x'],
  ['duplicateUser', 'u'],
] as const;

describe('the word of the server', () => {
  for (const [kind, letter] of goodbyes) {
    describe(kind, () => {
      const word = { kind };

      it('T1 ends a join whose attempt hears it, at once and for good', () => {
        marbles(({ cold, command, expectStates, expectSubscriptions }) => {
          const join = cold<never>('--#           ', undefined, word);
          const subs = '            ^-!           ';
          const room = watchedRoom({ ...verdicts, ...joins(join) });
          command(room, '           j-----r       ');
          expectStates(room, '      -^            ')
            .toBe(`                 -c${letter}  `);
          expectSubscriptions(join.subscriptions).toBe(subs);
        });
      });

      it('T1 ends a join whose request hears it', () => {
        marbles(({ cold, command, expectStates, expectSubscriptions }) => {
          const request = cold<undefined>('--#   ', undefined, word);
          const subs = '            ^-!           ';
          const transport = { ...verdicts, ...joins(NEVER), request: () => request };
          const room = watchedRoom(transport);
          command(room, '           j             ');
          expectStates(room, '      -^            ')
            .toBe(`                 -c${letter}  `);
          expectSubscriptions(request.subscriptions).toBe(subs);
        });
      });

      it('T1 ends a join whose link says it before it is up', () => {
        let said!: TestLink;
        marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
          const notice$ = cold<ServerNotice>('--w    ', { w: word });
          said = link('a', { signal$: NEVER, notice$ });
          const join = cold('       l             ', { l: said });
          const subs = '            ^-!           ';
          const room = watchedRoom(joins(join));
          command(room, '           j             ');
          expectStates(room, '      -^            ')
            .toBe(`                 -c${letter}  `);
          expectSubscriptions(join.subscriptions).toBe(subs);
        });
        expect(said.closes).toEqual(['dismissed']);
      });

      it('T1 ends a connection at once, settle times notwithstanding', () => {
        let said!: TestLink;
        marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
          const notice$ = hot<ServerNotice>('-----w ', { w: word });
          said = link('a', { notice$ });
          const join = cold('       l             ', { l: said });
          const subs = '            ^----!        ';
          const room = watchedRoom(joins(join), { ...brisk, settle: { signal: 9, media: 9 } });
          command(room, '           j-------r     ');
          expectStates(room, '      -^            ')
            .toBe(`                 -C---${letter}`);
          expectSubscriptions(join.subscriptions).toBe(subs);
          expectSubscriptions(notice$.subscriptions).toBe(subs);
        });
        expect(said.closes).toEqual(['dismissed']);
      });

      it('T1 ends a quiet dip', () => {
        marbles(({ cold, hot, health, link, command, expectStates, expectSubscriptions }) => {
          const signal$ = health('  -u---d        ');
          const notice$ = hot<ServerNotice>('-------w ', { w: word });
          const join = cold('       l             ', { l: link('a', { signal$, notice$ }) });
          const subs = '            ^------!      ';
          const room = watchedRoom(joins(join), { ...brisk, settle: { signal: 9, media: 9 } });
          command(room, '           j             ');
          expectStates(room, '      --^           ')
            .toBe(`                 --C----${letter}`);
          expectSubscriptions(join.subscriptions).toBe(subs);
        });
      });

      it('T1 ends a wait while reconnecting, where the old link says it', () => {
        marbles(({ cold, hot, health, link, command, expectStates, expectSubscriptions }) => {
          const signal$ = health('  -u---d        ');
          const notice$ = hot<ServerNotice>('-------w ', { w: word });
          const join = cold('       l             ', { l: link('a', { signal$, notice$ }) });
          const subs = '            ^------!      ';
          const room = watchedRoom(joins(join), { ...brisk, schedule: () => 9 });
          command(room, '           j             ');
          expectStates(room, '      --^           ')
            .toBe(`                 --C--s-${letter}`);
          expectSubscriptions(join.subscriptions).toBe(subs);
        });
      });

      for (const repairs of [true, false]) {
        it(`T1 ends an attempt while reconnecting, where its ${repairs ? 'repair' : 'rejoin'} hears it`, () => {
          marbles(({ cold, health, link, command, expectStates, expectSubscriptions }) => {
            const signal$ = health('-u---d          ');
            const a = cold('        l               ', { l: link('a', { signal$ }) });
            const told = cold<never>('     --#      ', undefined, word);
            const subs = `          ^------${repairs ? '--' : ''}!`;
            const heard = '         -------^-!      ';
            const transport = repairs ? { ...joins(a), repair: () => told } : joins(a, told);
            const room = watchedRoom({ ...verdicts, ...transport });
            command(room, '         j----------r    ');
            expectStates(room, '    --^             ')
              .toBe(`               --C--s---${letter}`);
            expectSubscriptions(a.subscriptions).toBe(subs);
            expectSubscriptions(told.subscriptions).toBe(heard);
          });
        });
      }

      const delays = [0, 1, 3];
      for (const delay of delays) {
        it(`T2 is not followed by anything when the network closes ${delay} ms later`, () => {
          marbles(({ cold, hot, health, link, command, expectStates, expectSubscriptions }) => {
            const notice$ = hot<ServerNotice>('-----w ', { w: word });
            const signal$ = health(`-u---${'-'.repeat(delay)}d`);
            const join = cold(`     l----${'-'.repeat(delay)}#`, { l: link('a', { signal$, notice$ }) }, unreachable);
            const subs = '          ^----!          ';
            const room = watchedRoom({ ...verdicts, ...joins(join) });
            command(room, '         j               ');
            expectStates(room, '    --^             ')
              .toBe(`               --C--${letter}  `);
            expectSubscriptions(join.subscriptions).toBe(subs);
          });
        });
      }

      it('T2 beats the close of its own frame, whichever is heard first', () => {
        for (const closeFirst of [true, false]) {
          const words = new Subject<ServerNotice>();
          const signals = new Subject<Health>();
          const ends = new Subject<TestLink>();
          marbles(({ link, call, command, expectStates }) => {
            const room = watchedRoom(joins(ends));
            command(room, '         j               ');
            call('                  -l---w          ', {
              l: () => {
                ends.next(link('a', { signal$: signals, notice$: words }));
                signals.next('up');
              },
              w: () => {
                if (closeFirst) signals.next({ down: true });
                words.next(word);
                if (!closeFirst) signals.next({ down: true });
                ends.error('gone');
              },
            });
            expectStates(room, '    --^             ')
              .toBe(`               --C--${letter}  `);
          });
        }
      });

      it('T2 is not said twice', () => {
        const again = goodbyes.map(([other]) => ({ kind: other }));
        marbles(({ cold, hot, link, command, expectStates }) => {
          const notice$ = hot<ServerNotice>('-----(wabc)-a', { w: word, a: again[0]!, b: again[1]!, c: again[2]! });
          const join = cold('       l             ', { l: link('a', { notice$ }) });
          const room = watchedRoom(joins(join));
          command(room, '           j             ');
          expectStates(room, '      -^            ')
            .toBe(`                 -C---${letter}`);
        });
      });
    });
  }

  it('T1 lets a new join() in afterwards', () => {
    marbles(({ cold, hot, link, command, expectStates }) => {
      const notice$ = hot<ServerNotice>('-----w     ', { w: { kind: 'kicked' } });
      const a = cold('          l           ', { l: link('a', { notice$ }) });
      const b = cold('                  -l  ', { l: link('b') });
      const room = watchedRoom(joins(a, b));
      command(room, '           j-------j   ');
      expectStates(room, '      -^          ')
        .toBe('                 -C---k--cC  ');
    });
  });

  describe('what cannot be understood', () => {
    const nonsense: readonly unknown[] = [
      undefined,
      null,
      0,
      5,
      NaN,
      '',
      'kicked',
      true,
      [],
      ['kicked'],
      {},
      { kind: null },
      { kind: 'KICKED' },
      { kind: 'toString' },
      { kind: '__proto__' },
      { kind: ['kicked'] },
      { kind: 'redispatch' },
      { kind: 'redispatch', endpoint: '' },
      { kind: 'redispatch', endpoint: 7 },
      { kind: 'redispatch', endpoint: null },
      { kind: 'endpoints' },
      { kind: 'endpoints', list: [] },
      { kind: 'endpoints', list: 'abc' },
      { kind: 'endpoints', list: ['a', ''] },
      { kind: 'endpoints', list: ['a', 7] },
      { kind: 'endpoints', list: { length: 1, 0: 'a' } },
      { kind: 'busy', retryAfter: 5 },
      { kind: 'fatal' },
      Symbol('kicked'),
      () => ({ kind: 'kicked' }),
    ];

    it('T3 reports malformed words and changes nothing', () => {
      for (const bad of nonsense) {
        const errors: RoomError[] = [];
        let transport!: Joins;
        marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
          const notice$ = hot('       -----b--b     ', { b: bad as ServerNotice });
          const a = cold('          l---------#   ', { l: link('a', { notice$ }) });
          const b = cold('                      -l', { l: link('b') });
          const subs = '            ^---------!   ';
          const next = '            ------------^ ';
          transport = joins(a, b);
          const room = watchedRoom(transport, { ...brisk, endpoints: ['x'] });
          room.errors$.subscribe((error) => errors.push(error));
          command(room, '           j             ');
          expectStates(room, '      -^            ')
            .toBe('                 -C--------s--R');
          expectSubscriptions(a.subscriptions).toBe(subs);
          expectSubscriptions(b.subscriptions).toBe(next);
        });
        expect(errors.map(({ at, from }) => ({ at, from })))
          .withContext(inspect(bad))
          .toEqual([
            { at: 5, from: 'notice$' },
            { at: 8, from: 'notice$' },
          ]);
        // The list of endpoints is the one that was given.
        expect(transport.attempts.map(({ endpoint }) => endpoint)).toEqual(['x', 'x']);
      }
    });

    it('T3 still hears the words after a malformed one', () => {
      for (const bad of nonsense) {
        marbles(({ cold, hot, link, command, expectStates }) => {
          const notice$ = hot<ServerNotice>('-----b--k  ', { b: bad as ServerNotice, k: { kind: 'kicked' } });
          const join = cold('       l             ', { l: link('a', { notice$ }) });
          const room = watchedRoom(joins(join));
          command(room, '           j             ');
          expectStates(room, '      -^            ')
            .toBe('                 -C------k     ');
        });
      }
    });

    it('T3 changes nothing for malformed words while connecting and reconnecting either', () => {
      for (const bad of nonsense) {
        marbles(({ cold, hot, health, link, command, expectStates, expectSubscriptions }) => {
          const notice$ = hot('       -b---------b---', { b: bad as ServerNotice });
          const signal$ = health('  ---u---d-----u-');
          const join = cold('       l              ', { l: link('a', { signal$, notice$ }) });
          const room = watchedRoom(joins(join), { ...brisk, schedule: () => 9 });
          command(room, '           j              ');
          expectStates(room, '      -^             ')
            .toBe('                 -c-C---s-----R ');
          expectSubscriptions(join.subscriptions).toBe('^');
        });
      }
    });

    const unhealthy: readonly unknown[] = [
      undefined,
      null,
      0,
      1,
      '',
      'down',
      'UP',
      true,
      false,
      [],
      {},
      { down: false },
      { down: 'true' },
      { down: 1 },
      { up: true },
      () => 'up',
    ];
    const undated = [NaN, Infinity, -Infinity, '5', null].map((aliveAt): unknown => ({ down: true, aliveAt }));

    const cases = [
      ['signal$', 'healths', unhealthy],
      ['media$', 'healths', unhealthy],
    ] as const;
    for (const [source, what, values] of cases) {
      it(`T3 reports malformed ${what} of ${source} and changes nothing`, () => {
        for (const bad of values) {
          const errors: RoomError[] = [];
          const name = inspect(bad);
          marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
            const health$ = hot('     -u---b--b---d--', { ...healths, b: bad as Health });
            const a = cold('          l              ', { l: link('a', { [source]: health$ }) });
            const subs = '            ^------------------!';
            const b = cold('                           l', { l: link('b') });
            const room = watchedRoom(joins(a, b), { ...brisk, schedule: () => 7 });
            room.errors$.subscribe((error) => errors.push(error));
            command(room, '           j              ');
            expectStates(room, '      --^            ')
              .toBe(`                 --C---------${source === 'signal$' ? 's' : 'm'}------R`);
            expectSubscriptions(a.subscriptions).toBe(subs);
          });
          expect(errors.map(({ at, from }) => ({ at, from })))
            .withContext(name)
            .toEqual([
              { at: 5, from: source },
              { at: 8, from: source },
            ]);
        }
      });
    }

    it('T3 reports a malformed time of a last proof of life, and takes the dip from its report', () => {
      for (const bad of undated) {
        const errors: RoomError[] = [];
        marbles(({ cold, hot, link, command, expectStates }) => {
          const signal$ = hot('     -u---b-u  ', { ...healths, b: bad as Health });
          const a = cold('          l         ', { l: link('a', { signal$ }) });
          const room = watchedRoom(joins(a), { ...brisk, schedule: () => 7 });
          room.errors$.subscribe((error) => errors.push(error));
          command(room, '           j         ');
          expectStates(room, '      --^       ')
            .toBe('                 --C--s-R  ');
        });
        expect(errors.map(({ at, from }) => ({ at, from }))).withContext(inspect(bad)).toEqual([{ at: 5, from: 'signal$' }]);
      }
    });

    it('T3 lets no malformed time of a last proof of life take the deadline away', () => {
      for (const aliveAt of [NaN, Infinity, -Infinity, '5', null, 1e15]) {
        let room!: Room<TestLink>;
        marbles(({ cold, hot, link, command }) => {
          const signal$ = hot('     -u---b---d     ', { ...healths, b: { down: true, aliveAt } as unknown as Health });
          const a = cold('          l              ', { l: link('a', { signal$ }) });
          room = watchedRoom({ ...verdicts, ...joins(a, cold<never>('#', undefined, unreachable)) });
          command(room, '           j 99ms         ');
        });
        expect(room.connectionState.state).withContext(String(aliveAt)).toBe('failed');
      }
    });

    it('T3 reports what the link could not use', () => {
      const errors: RoomError[] = [];
      marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
        const errors$ = hot('     ---e-e--#     ', { e: 'oversized' }, 'broken');
        const join = cold('       l             ', { l: link('a', { errors$ }) });
        const room = watchedRoom(joins(join));
        room.errors$.subscribe((error) => errors.push(error));
        command(room, '           j             ');
        expectStates(room, '      -^            ')
          .toBe('                 -C            ');
        expectSubscriptions(join.subscriptions).toBe('^');
      });
      expect(errors).toEqual([
        { at: 3, from: 'link', error: 'oversized' },
        { at: 5, from: 'link', error: 'oversized' },
        { at: 8, from: 'link', error: 'broken' },
      ]);
    });

    it('T3 reports words that end in an error, and changes nothing when they end', () => {
      const errors: RoomError[] = [];
      marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
        const failing$ = hot<ServerNotice>('-----#', undefined, 'broken');
        const ending$ = hot<ServerNotice>('-----| ');
        for (const notice$ of [failing$, ending$]) {
          const join = cold('     l             ', { l: link('a', { notice$ }) });
          const room = watchedRoom(joins(join));
          room.errors$.subscribe((error) => errors.push(error));
          command(room, '         j             ');
          expectStates(room, '    -^            ')
            .toBe('               -C            ');
          expectSubscriptions(join.subscriptions).toBe('^');
        }
      });
      expect(errors).toEqual([{ at: 5, from: 'notice$', error: 'broken' }]);
    });

    it('T3 takes an error that cannot be classified for an unreachable server, and reports the classifier', () => {
      const classifiers: readonly ((error: unknown) => unknown)[] = [
        () => 'fatal',
        () => ({ kind: 'nonsense' }),
        () => ({ kind: 'endpoints', list: ['a'] }),
        () => ({ kind: 'redispatch' }),
        () => 5,
        () => {
          throw new Error('classifier');
        },
      ];
      for (const classify of classifiers) {
        const errors: RoomError[] = [];
        marbles(({ cold, link, command, expectStates, expectSubscriptions }) => {
          const a = cold<never>('   -#        ');
          const b = cold('             l      ', { l: link('b') });
          const next = '            ---^      ';
          const room = watchedRoom({ ...joins(a, b), classify: (error) => classify(error) as Verdict });
          room.errors$.subscribe((error) => errors.push(error));
          command(room, '           j         ');
          expectStates(room, '      -^        ')
            .toBe('                 -c-C      ');
          expectSubscriptions(b.subscriptions).toBe(next);
        });
        expect(errors.map(({ at, from }) => ({ at, from }))).toEqual([{ at: 1, from: 'classify' }]);
      }
    });

    it('T3 says what was expected of a word, of a health and of a classifier', () => {
      const errors: RoomError[] = [];
      marbles(({ cold, hot, link, command }) => {
        const bad = { ...healths, b: 'down' as unknown as Health };
        const parts = {
          signal$: hot('     -u-b        ', bad),
          media$: hot('      -u--b       ', bad),
          notice$: hot('       -----b      ', { b: 'kicked' as unknown as ServerNotice }),
        };
        const a = cold('     l-----#     ', { l: link('a', parts) });
        const room = watchedRoom({ ...joins(a), classify: () => 'fatal' as unknown as Verdict });
        room.errors$.subscribe((error) => errors.push(error));
        command(room, '      j-------l   ');
      });
      const health = "must be 'up' or { down: true, aliveAt?: ms }, got a string";
      expect(errors).toEqual([
        { at: 3, from: 'signal$', error: new TypeError(`signal$ ${health}`) },
        { at: 4, from: 'media$', error: new TypeError(`media$ ${health}`) },
        { at: 5, from: 'notice$', error: new TypeError("notice$ must be a notice such as { kind: 'kicked' }, got a string") },
        { at: 6, from: 'classify', error: new TypeError("classify: the return value must be a verdict such as { kind: 'fatal' }, or undefined, got a string") },
      ]);
    });

    it('T3 asks no classifier to answer: without an answer a server is unreachable', () => {
      const errors: RoomError[] = [];
      marbles(({ cold, link, command, expectStates }) => {
        const a = cold<never>('   -#        ');
        const b = cold('             l      ', { l: link('b') });
        const room = watchedRoom({ ...joins(a, b), classify: () => undefined });
        room.errors$.subscribe((error) => errors.push(error));
        command(room, '           j         ');
        expectStates(room, '      -^        ')
          .toBe('                 -c-C      ');
      });
      expect(errors).toEqual([]);
    });
  });

  it('T1 has a letter for every goodbye', () => {
    expect(goodbyes.map(([, letter]) => alphabet[letter])).toEqual([
      'disconnected/serverKicked',
      'disconnected/channelClosed',
      'disconnected/duplicateUser',
    ]);
  });
});
