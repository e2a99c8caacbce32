import { element } from './element.js';

/** Lines that are kept. */
const most = 120;

export type LogTone = 'state' | 'attempt' | 'network' | 'others' | 'trouble';

export type Log = (user: string | null, tone: LogTone, text: string) => void;

/** A short list of what happened, the latest first. */
export function eventLog(section: HTMLElement): Log {
  const list = element('ol', {
    class: 'log-lines',
    tabindex: '0',
    'aria-labelledby': 'log-title',
    'data-testid': 'log',
  });
  const empty = element('p', { class: 'muted' }, 'Nothing yet. Join the call, then break the network.');
  section.append(element('h2', { id: 'log-title' }, 'What happened'), empty, list);
  return (user, tone, text) => {
    empty.remove();
    list.prepend(
      element(
        'li',
        { 'data-tone': tone },
        element('time', {}, timeOfDay(new Date())),
        element('span', { class: 'who', 'data-user': user }, user ?? '·'),
        element('span', {}, text),
      ),
    );
    while (list.childElementCount > most) list.lastElementChild?.remove();
  };
}

const timeOfDay = (date: Date): string =>
  `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
