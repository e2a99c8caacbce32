import type { Observable, Subscription } from 'rxjs';

/** What a view follows never errors. Should it all the same, that is a defect for the console, not for the view. */
export const follow = <T>(source$: Observable<T>, next: (value: T) => void): Subscription =>
  source$.subscribe({ next, error: (error: unknown) => reportError(error) });
