import { joins, marbles, watchedRoom } from './room-harness.js';

describe('states', () => {
  it('S2 smoke', () => {
    marbles(({ cold, link, health, command, expectStates, expectSubscriptions }) => {
      const a = link('a', { signal$: health('--u--d') });
      const b = link('b');
      const first = cold('-a', { a });
      const second = cold('-b', { b });
      const room = watchedRoom(joins(first, second));
      command(room, '      j         ');
      expectStates(room).toBe('(dc)');
      expectSubscriptions(first.subscriptions).toBe('^------!');
    });
  });
});
