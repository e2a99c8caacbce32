import { Subscription } from 'rxjs';
import type { Room } from '../../../lib/index.js';
import { element } from './element.js';
import { follow } from './follow.js';

export interface ButtonsOptions {
  readonly room: Pick<Room<unknown>, 'connectionState$' | 'progress$' | 'leave' | 'retryNow'>;
  readonly join: () => void;
}

/** Join, Leave, Retry now. One that has nothing to do keeps its focus, and says that it has nothing to do. */
export function buttonsView(user: string, { room, join }: ButtonsOptions) {
  const button = (name: string, text: string, act: () => void, kind = '') => {
    const made = element('button', { type: 'button', class: kind, 'data-testid': `${user}-${name}` }, text);
    made.setAttribute('aria-label', `${text}, ${user}`);
    made.addEventListener('click', () => made.getAttribute('aria-disabled') !== 'true' && act());
    return made;
  };
  const joins = button('join', 'Join', join, 'primary');
  const leaves = button('leave', 'Leave', () => room.leave());
  const retries = button('retry', 'Retry now', () => room.retryNow());
  const subscription = new Subscription();
  subscription.add(
    follow(room.connectionState$, ({ state }) => {
      const out = state === 'disconnected' || state === 'failed';
      able(joins, out);
      able(leaves, !out);
    }),
  );
  subscription.add(follow(room.progress$, (progress) => able(retries, progress?.phase === 'waiting')));
  return { view: element('div', { class: 'buttons' }, joins, leaves, retries), subscription };
}

const able = (button: HTMLElement, can: boolean): void => button.setAttribute('aria-disabled', String(!can));
