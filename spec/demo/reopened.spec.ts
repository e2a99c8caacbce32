import { NEVER, Subject } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { reopened } from '../../demo/client/call/reopened.js';
import { OpeningLimitError } from '../../lib/websocket/opening-limit-error.js';

const run = (spec: Parameters<TestScheduler['run']>[0]): void => {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(spec);
};

describe('reopened', () => {
  it('R15 gives a hung opening 1, 1 and 3 s, one after the other, and begins again', () => {
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const channel = cold('                               -');
      expectObservable(reopened(channel, NEVER), '         ^ 6499ms        !').toBe('-');
      expectSubscriptions(channel.subscriptions).toBe([
        '                                                  ^ 999ms !',
        '                                                  1s ^ 999ms !',
        '                                                  2s ^ 2999ms !',
        '                                                  5s ^ 999ms !',
        '                                                  6s ^ 499ms !',
      ]);
    });
  });

  it('R15 leaves what is open alone, whatever is hinted', () => {
    run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const channel = cold('                               400ms c 5s x');
      const hint = hot('                                   600ms h');
      expectObservable(reopened(channel, hint), '          ^ 4s !').toBe('400ms c');
      expectSubscriptions(channel.subscriptions).toBe('    ^ 4s !');
    });
  });

  it('H11 begins anew at a sign of life', () => {
    run(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const channel = cold('                               700ms c');
      const hint = hot('                                   600ms h');
      expectObservable(reopened(channel, hint), '          ^ 2s !').toBe('1300ms c');
      expectSubscriptions(channel.subscriptions).toBe([
        '                                                  ^ 599ms !',
        '                                                  600ms ^ 1400ms !',
      ]);
    });
  });

  it('takes a refusal for an answer, and an opening that ran into its limit for none', () => {
    run(({ cold, expectObservable }) => {
      const refused = cold('                               300ms #', undefined, new Error('refused'));
      expectObservable(reopened(refused, NEVER)).toBe('    300ms #', undefined, new Error('refused'));
      const hung = cold('                                  300ms #', undefined, new OpeningLimitError(300));
      expectObservable(reopened(hung, NEVER), '            ^ 4s !').toBe('-');
    });
  });

  it('ends the opening with its subscriber', () => {
    run(({ cold, expectObservable, expectSubscriptions }) => {
      const hint = new Subject<unknown>();
      const channel = cold('                               -');
      expectObservable(reopened(channel, hint), '          ^ 99ms !').toBe('-');
      expectSubscriptions(channel.subscriptions).toBe('    ^ 99ms !');
    });
  });
});
