import { first, timeout, type Observable } from 'rxjs';

/** Resolves when the state is this one, as of now; rejects when it is another one for so long (ms). */
export const until = (
  states$: Observable<{ readonly state: string }>,
  { user, wanted, limit }: { readonly user: string; readonly wanted: string; readonly limit: number },
): Promise<void> =>
  new Promise((resolve, reject) => {
    states$
      .pipe(
        first(({ state }) => state === wanted),
        timeout(limit),
      )
      .subscribe({ next: () => resolve(), error: () => reject(new Error(`${user} is not ${wanted}`)) });
  });
