import { config, NEVER, of, Subject, Subscription, throwError } from 'rxjs';
import { inTurn } from '../../lib/janus/in-turn.js';

describe('inTurn', () => {
  const unhandled: unknown[] = [];
  let before: typeof config.onUnhandledError = null;
  beforeEach(() => {
    unhandled.length = 0;
    before = config.onUnhandledError;
    config.onUnhandledError = (error) => unhandled.push(error);
  });
  afterEach(() => (config.onUnhandledError = before));

  it('begins a piece when the one before it has ended', () => {
    const run = inTurn(new Subscription());
    const first = new Subject<string>();
    const seen: string[] = [];
    run(first).subscribe((value) => seen.push(value));
    run(of('second')).subscribe((value) => seen.push(value));
    expect(seen).toEqual([]);
    first.next('first');
    first.complete();
    expect(seen).toEqual(['first', 'second']);
  });

  it('tells a failure to whom it concerns and to nobody else, and goes on', async () => {
    const run = inTurn(new Subscription());
    const seen: unknown[] = [];
    const failed = new Error('lost');
    run(throwError(() => failed)).subscribe({ error: (error: unknown) => seen.push(error) });
    run(throwError(() => failed)); // nobody listens
    run(of('next')).subscribe((value) => seen.push(value));
    expect(seen).toEqual([failed, 'next']);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(unhandled).toEqual([]);
  });

  it('says nothing any more when the life is over, whoever comes late', () => {
    const life = new Subscription();
    const outcome$ = inTurn(life)(NEVER);
    life.unsubscribe();
    const seen: unknown[] = [];
    outcome$.subscribe({ next: (value) => seen.push(value), error: (error: unknown) => seen.push(error) });
    expect(seen).toEqual([]);
  });
});
