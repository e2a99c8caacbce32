import { element } from './element.js';
import type { PageOptions } from './options.js';

/** The way to the same call with both users, or with one alone in a tab. */
export function viewLinks(target: HTMLElement, { users }: PageOptions): void {
  const shown = users.length > 1 ? 'both' : users[0];
  for (const view of ['both', 'A', 'B']) {
    const query = new URLSearchParams(location.search);
    if (view === 'both') query.delete('user');
    else query.set('user', view);
    const text = view === 'both' ? 'A and B' : `${view} alone`;
    target.append(element('a', { href: `?${query}`, 'aria-current': view === shown ? 'page' : null }, text));
  }
}
