import { timer } from 'rxjs';
import { contenderNames, contenders } from '../../bench/overhead/contenders.js';
import { CountingScheduler } from '../../bench/overhead/counting-scheduler.js';
import { Wire } from '../../bench/overhead/wire.js';

describe('CountingScheduler', () => {
  it('counts the timers that wait, run ones and cancelled ones no more, and no frame ends', () => {
    const scheduler = new CountingScheduler();
    const ran: number[] = [];
    scheduler.schedule(() => ran.push(0));
    const first = scheduler.schedule(() => ran.push(5), 5);
    timer(3, scheduler).subscribe(() => ran.push(3));
    expect(scheduler.waiting).toBe(2);
    scheduler.pass(3);
    expect([ran, scheduler.waiting, scheduler.now()]).toEqual([[0, 3], 1, 3]);
    first.unsubscribe();
    expect(scheduler.waiting).toBe(0);
    scheduler.pass(10);
    expect([ran, scheduler.most, scheduler.now()]).toEqual([[0, 3], 2, 13]);
  });
});

describe('what is compared with a room', () => {
  for (const name of contenderNames) {
    describe(name, () => {
      const scene = () => {
        const scheduler = new CountingScheduler();
        const wire = new Wire();
        const room = contenders[name](wire, scheduler);
        const pass = (ms: number): string => {
          scheduler.pass(ms);
          return room.state();
        };
        return { scheduler, wire, room, pass };
      };
      const joined = () => {
        const made = scene();
        made.room.join();
        expect(made.pass(0)).toBe('connected/joinSucceed');
        return made;
      };

      it('joins, and leaves', () => {
        const { room, pass, scheduler } = joined();
        expect(scheduler.waiting).toBe(0);
        room.leave();
        expect(pass(0)).toBe('disconnected/leaveChannel');
        expect(scheduler.waiting).toBe(0);
      });

      it('takes no notice of a dip of less than a second', () => {
        const { wire, pass } = joined();
        wire.signal?.next({ down: true });
        expect(pass(900)).toBe('connected/joinSucceed');
        wire.signal?.next('up');
        expect(pass(60_000)).toBe('connected/joinSucceed');
      });

      it('is reconnecting after a longer one, with the reason, and comes back', () => {
        const { wire, pass } = joined();
        wire.open = false;
        wire.signal?.next({ down: true });
        expect(pass(1_001)).toBe('reconnecting/signalDisconnected');
        expect(pass(10_000)).toBe('reconnecting/signalDisconnected');
        wire.open = true;
        expect(pass(5_000)).toBe('connected/rejoinSucceed');
      });

      it('is reconnecting at once when the media is lost', () => {
        const { wire, pass } = joined();
        wire.open = false;
        wire.media?.next({ down: true });
        expect(pass(1)).toBe('reconnecting/mediaConnectionDisconnected');
      });

      it('fails at the deadline, and then waits for nothing', () => {
        const { wire, pass, scheduler } = joined();
        wire.open = false;
        wire.signal?.next({ down: true });
        expect(pass(38_000)).toBe('reconnecting/signalDisconnected');
        expect(pass(4_000)).toBe('failed/timeout');
        expect(scheduler.waiting).toBe(0);
      });

      it('retries a first join, and fails at its deadline', () => {
        const { wire, room, pass } = scene();
        wire.open = false;
        room.join();
        expect(pass(10_000)).toBe('connecting/joinChannel');
        expect(pass(11_000)).toMatch(/^failed\//);
      });
    });
  }
});
