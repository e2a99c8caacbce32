import { asapScheduler, asyncScheduler, queueScheduler, VirtualTimeScheduler } from 'rxjs';
import { frameOf } from '../../lib/operators/frame-of.js';

describe('frameOf', () => {
  it('S6 is before any timer on `asyncScheduler`, and any other scheduler\'s own', () => {
    expect(frameOf(asyncScheduler)).toBe(asapScheduler);
    for (const scheduler of [new VirtualTimeScheduler(), queueScheduler]) expect(frameOf(scheduler)).toBe(scheduler);
  });
});
