import { concat, map, NEVER, of, tap, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { createRoom, type Failed, type Health, type Room, type RoomOptions, type Wake } from '../../lib/index.js';
import { webSocketChannel } from '../../lib/websocket/index.js';
import { FakeSocket } from '../websocket/fake-socket.js';
import { sleepy } from './clocks.js';
import { alwaysUp, brisk, inPage, joins, linkOf, marbles, textOf, watchedRoom, type TestLink } from './room-harness.js';

/** The clocks drifted apart since the beginning, by more than the deadline and by less; `o` only asks. */
const wakes: Record<string, Wake> = {
  W: { suspendedFor: 0, drift: { since: 0, ms: 30 } },
  w: { suspendedFor: 0, drift: { since: 0, ms: 12 } },
  o: { suspendedFor: 0, onlyAsk: true },
  n: { suspendedFor: 0 },
};

const awake: RoomOptions = { ...brisk, wakeFloor: 0 };

/** Diagrams of a link that says when it was last alive. */
const legs = (aliveAt: number): Record<string, Health> => ({ u: 'up', d: { down: true, aliveAt } });

const endOf = (room: Room<TestLink>): Failed => {
  const state = room.connectionState;
  if (state.state !== 'failed') throw new Error(`it is ${state.state}`);
  return state;
};

/** How long it slept, by each event that tells of a sleep. */
const sleepsOf = (room: Room<TestLink>): number[] => {
  const told: number[] = [];
  room.events$.subscribe((event) => event.type === 'suspended' && told.push(event.for));
  return told;
};

describe('a wake', () => {
  describe('with clocks that drifted apart', () => {
    it('Z4 asks a link that looks well, and believes its answer, however much it was', () => {
      marbles(({ cold, hot, link, call, command, expectStates, expectSubscriptions }) => {
        const clock = sleepy();
        call('                    -----S-          ', { S: () => clock.sleep(30) });
        const wake$ = hot('       -------W         ', wakes);
        const probe = cold('             -p        ');
        const a = cold('          l                ', { l: link('a', { probe: () => probe }) });
        const asked = '           -------^!        ';
        const room = watchedRoom(joins(a), { ...awake, scheduler: clock, wake$ });
        const told = sleepsOf(room);
        command(room, '           j                ');
        expectStates(room, '      -^               ')
          .toBe('                 -C               ');
        expectSubscriptions(probe.subscriptions).toBe(asked);
        call('                    ----------x      ', { x: () => expect(told).toEqual([]) });
      });
    });

    it('Z4 Z1 fails a connected room when its link says that it was last alive before the sleep', () => {
      let room!: Room<TestLink>;
      marbles(({ cold, hot, link, call, command, expectStates, expectSubscriptions }) => {
        const clock = sleepy();
        call('                    -----S-          ', { S: () => clock.sleep(30) });
        const signal$ = hot('     -u-------d       ', legs(5));
        const wake$ = hot('       -------W         ', wakes);
        const probe = cold('             --#       ');
        const a = cold('          l                ', { l: link('a', { signal$, probe: () => probe }) });
        const b = cold('          l                ', { l: link('b') });
        room = watchedRoom(joins(a, b), { ...awake, scheduler: clock, wake$ });
        command(room, '           j                ');
        expectStates(room, '      --^              ')
          .toBe('                 --C------t       ');
        expectSubscriptions(b.subscriptions).toBe([]);
      });
      // Of the 30 it may have slept 5 before the last proof of life.
      expect(endOf(room)).toEqual(jasmine.objectContaining({ attempts: 0, suspendedFor: 25 }));
    });

    it('Z4 takes it for no sleep where the link does not say when it was last alive', () => {
      marbles(({ cold, hot, link, call, command, expectStates }) => {
        const clock = sleepy();
        call('                    -----S-          ', { S: () => clock.sleep(30) });
        const wake$ = hot('       -------W         ', wakes);
        const a = cold('          l                ', { l: link('a', { probe: () => cold('--#') }) });
        const b = cold('          --l              ', { l: link('b') });
        const room = watchedRoom(joins(a, b), { ...awake, scheduler: clock, wake$ });
        command(room, '           j                ');
        expectStates(room, '      -^               ')
          .toBe('                 -C-------s---R   ');
      });
    });

    it('Z4 takes it for naps where the link was alive later', () => {
      marbles(({ cold, hot, link, call, command, expectStates }) => {
        const clock = sleepy();
        call('                    -----S-          ', { S: () => clock.sleep(30) });
        // 37 of the clock is the wake; alive at 36, it lost no more than the time since then.
        const signal$ = hot('     -u-------d       ', legs(36));
        const wake$ = hot('       -------W         ', wakes);
        const a = cold('          l                ', { l: link('a', { signal$, probe: () => cold('--#') }) });
        const b = cold('          --l              ', { l: link('b') });
        const room = watchedRoom(joins(a, b), { ...awake, scheduler: clock, wake$ });
        const told = sleepsOf(room);
        command(room, '           j                ');
        expectStates(room, '      --^              ')
          .toBe('                 --C------s---R   ');
        call('                    --------------x  ', { x: () => expect(told).toEqual([]) });
      });
    });

    it('Z4 Z1 fails a reconnecting room at the wake: it knows since when nothing was alive', () => {
      let room!: Room<TestLink>;
      marbles(({ cold, hot, health, link, call, command, expectStates, expectSubscriptions }) => {
        const clock = sleepy();
        call('                    ------S-         ', { S: () => clock.sleep(30) });
        const signal$ = health('  -u--d            ');
        const wake$ = hot('       --------W        ', wakes);
        const a = cold('          l                ', { l: link('a', { signal$ }) });
        const b = cold('          l                ', { l: link('b') });
        room = watchedRoom(joins(a, b), { ...awake, scheduler: clock, wake$, schedule: () => 9 });
        command(room, '           j                ');
        expectStates(room, '      --^              ')
          .toBe('                 --C-s---t        ');
        expectSubscriptions(b.subscriptions).toBe([]);
      });
      expect(endOf(room)).toEqual(jasmine.objectContaining({ attempts: 0, suspendedFor: 26 }));
    });

    it('Z4 tells of a sleep once, however many legs say since when they are down', () => {
      let told: number[] = [];
      marbles(({ cold, hot, link, call, command, expectStates }) => {
        const clock = sleepy();
        call('                    -----s-          ', { s: () => clock.sleep(12) });
        const signal$ = hot('     -u-------d--u    ', legs(5));
        const media$ = hot('      -u--------d-u    ', legs(5));
        const wake$ = hot('       -------w         ', wakes);
        const a = cold('          l                ', { l: link('a', { signal$, media$ }) });
        const room = watchedRoom(joins(a, NEVER), { ...awake, scheduler: clock, wake$, schedule: () => 9 });
        told = sleepsOf(room);
        command(room, '           j                ');
        expectStates(room, '      --^              ')
          .toBe('                 --C------s--R    ');
      });
      expect(told).toEqual([7]);
    });

    it('Z4 forgets it when the room is joined again', () => {
      let told: number[] = [];
      marbles(({ cold, hot, link, call, command, expectStates }) => {
        const clock = sleepy();
        call('                    ---S-            ', { S: () => clock.sleep(30) });
        const wake$ = hot('       -----W           ', wakes);
        const signal$ = cold('           u---d     ', legs(2));
        const a = cold('          l                ', { l: link('a') });
        const b = cold('                 l         ', { l: link('b', { signal$ }) });
        const room = watchedRoom(joins(a, b, NEVER), { ...awake, scheduler: clock, wake$ });
        told = sleepsOf(room);
        command(room, '           j-----lj         ');
        expectStates(room, '      -^               ')
          .toBe('                 -C----l(cC)s---------------t');
      });
      expect(told).toEqual([]);
    });

    it('Z4 takes a drift that is none for no drift', () => {
      for (const odd of [null, 7, 'x', {}, { since: 'x', ms: 'y' }, { ms: NaN, since: 0 }, { ms: Infinity }]) {
        marbles(({ cold, hot, health, link, command, expectStates }) => {
          const wake$ = hot('     ---w     ', { w: { suspendedFor: 0, drift: odd } as unknown as Wake });
          const signal$ = health('-u---d-u ');
          const a = cold('        l        ', { l: link('a', { signal$ }) });
          const room = watchedRoom(joins(a, NEVER), { ...awake, wake$, schedule: () => 9 });
          command(room, '         j        ');
          expectStates(room, '    --^      ')
            .toBe('               --C--s-R ');
        });
      }
    });

    it('Z4 asks a room in a page whose naps nobody told of, and goes on', () => {
      // Field case: w3c/hr-time#65.
      const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
      let slept = 0;
      let probes = 0;
      const seen: string[] = [];
      inPage(({ document }) => {
        scheduler.run(({ flush }) => {
          const clock = sleepy();
          spyOn(performance, 'now').and.callFake(() => clock.now() - slept);
          spyOn(Date, 'now').and.callFake(() => clock.now());
          const nap = (): void => {
            slept += 2_500;
            clock.sleep(2_500);
          };
          const link = linkOf('a', alwaysUp, { probe: () => of(++probes) });
          const room = createRoom(joins(concat(of(link), NEVER)), { deadline: 5_000, scheduler: clock });
          room.connectionState$.subscribe((state) => seen.push(textOf(state)));
          room.join();
          for (const at of [300, 800, 1_300]) timer(at).subscribe(nap);
          timer(2_300).subscribe(() => document.dispatchEvent(new Event('visibilitychange')));
          timer(10_000).subscribe(() => room.leave());
          flush();
        });
      });
      const expected = ['disconnected/null', 'connecting/joinChannel', 'connected/joinSucceed', 'disconnected/leaveChannel'];
      expect(seen).toEqual(expected);
      expect(probes).toBe(1);
    });
  });

  describe('that only asks', () => {
    it('Z5 asks signalling for a sign of life at once', () => {
      marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
        const wake$ = hot('       -----o           ', wakes);
        const probe = cold('           --#         ');
        const a = cold('          l                ', { l: link('a', { probe: () => probe }) });
        const b = cold('          --l              ', { l: link('b') });
        const asked = '           -----^-!         ';
        const room = watchedRoom(joins(a, b), { ...awake, wake$ });
        command(room, '           j                ');
        expectStates(room, '      -^               ')
          .toBe('                 -C-----s---R     ');
        expectSubscriptions(probe.subscriptions).toBe(asked);
      });
    });

    it('Z5 asks one question at a time', () => {
      marbles(({ cold, hot, link, command, expectStates, expectSubscriptions }) => {
        const wake$ = hot('       -----ooo         ', wakes);
        const probe = cold('           ----p       ');
        const a = cold('          l                ', { l: link('a', { probe: () => probe }) });
        const room = watchedRoom(joins(a), { ...awake, wake$ });
        command(room, '           j                ');
        expectStates(room, '      -^               ')
          .toBe('                 -C               ');
        expectSubscriptions(probe.subscriptions).toBe('-----^---!');
      });
    });

    for (const [name, woken, next] of [
      ['shortens no wait', '     ------o     ', '-----------^'],
      ['unlike a wake', '        ------n     ', '------^     '],
      ['as a wake beside it', '  ------(on)  ', '------^     '],
    ] as const) {
      it(`Z5 R8 ${name}`, () => {
        marbles(({ cold, hot, health, link, command, expectSubscriptions }) => {
          const wake$ = hot(woken.trim(), wakes);
          const signal$ = health('-u--d');
          const a = cold('        l    ', { l: link('a', { signal$ }) });
          const b = cold<TestLink>('-  ');
          const room = watchedRoom(joins(a, b), { ...awake, wake$, schedule: () => 7, attemptLimit: 20 });
          command(room, '         j----------------l');
          expectSubscriptions(b.subscriptions).toBe(`${next.trimEnd()}${'-'.repeat(17 - next.trimEnd().length)}!`);
        });
      });
    }

    it('Z5 finds a network that went within 3 s, by the events of the page, over a real channel', () => {
      // Field case: liveblocks#946, element-call#1612. Without it the heartbeat takes 11 s.
      const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
      let foundAfter = NaN;
      inPage(({ window }) => {
        scheduler.run(({ flush }) => {
          let works = true;
          const open = (): FakeSocket => {
            const socket = new FakeSocket();
            const { send } = socket;
            socket.send = (data) => {
              send.call(socket, data);
              if (works) timer(20).subscribe(() => socket.receives('{}'));
            };
            timer(10).subscribe(() => works && socket.opens());
            return socket;
          };
          const room = createRoom({
            join: () =>
              webSocketChannel({ url: 'ws://room.example', open }).pipe(
                map((channel) => ({ signal$: channel.health$, media$: null, probe: () => channel.probe() })),
              ),
          });
          room.connectionState$
            .pipe(tap(({ state }) => state === 'reconnecting' && (foundAfter = scheduler.now() - 20_060)))
            .subscribe();
          room.join();
          timer(20_060).subscribe(() => {
            works = false;
            window.dispatchEvent(new Event('offline'));
          });
          timer(25_000).subscribe(() => room.leave());
          flush();
        });
      });
      expect(foundAfter).toBe(3_000);
    });
  });
});
