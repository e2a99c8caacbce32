import { EMPTY, concat, map, of, switchMap, timer, type Observable } from 'rxjs';
import type { Progress } from '../../../lib/index.js';
import { element } from './element.js';
import { follow } from './follow.js';
import { kindWords, seconds } from './words.js';

/** Milliseconds between two numbers of a countdown. */
const pace = 100;

/** How far coming back has got: which attempt, when the next one begins, when the room gives up. */
export function progressView(user: string, progress$: Observable<Progress | null>) {
  const what = element('p', { class: 'attempt' });
  const countdown = element('dd', { 'data-testid': `${user}-countdown` });
  const deadline = element('dd', { 'data-testid': `${user}-deadline` });
  const view = element(
    'div',
    { class: 'progress' },
    what,
    element(
      'dl',
      {},
      element('div', {}, element('dt', {}, 'Next attempt'), countdown),
      element('div', {}, element('dt', {}, 'Gives up in'), deadline),
    ),
  );

  const show = (progress: Progress | null) => {
    view.dataset['active'] = String(progress !== null);
    setText(what, progress ? attemptText(progress) : 'Nothing to wait for.');
    setText(countdown, progress ? countdownText(progress) : '—');
    setText(deadline, progress ? seconds(progress.deadlineAt - Date.now()) : '—');
  };
  const ticks$ = progress$.pipe(
    switchMap((progress) => concat(of(progress), progress ? timer(pace, pace).pipe(map(() => progress)) : EMPTY)),
  );
  return { view, subscription: follow(ticks$, show) };
}

const attemptText = ({ phase, attempt, kind }: Progress): string =>
  phase === 'attempting'
    ? `Attempt ${attempt} is running: ${kindWords[kind]}`
    : `Attempt ${attempt} will be: ${kindWords[kind]}`;

function countdownText({ phase, nextRetryAt, hintAt }: Progress): string {
  if (phase === 'attempting') return 'now';
  if (nextRetryAt !== null) return seconds(nextRetryAt - Date.now());
  return hintAt === null ? 'none left' : `busy: ${seconds(hintAt - Date.now())}`;
}

/** A write that changes nothing still costs a layout. */
function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
