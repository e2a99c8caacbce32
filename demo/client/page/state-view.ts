import type { Observable } from 'rxjs';
import { reasonCodes, stateCodes, type ConnectionState } from '../../../lib/index.js';
import { element } from './element.js';
import { follow } from './follow.js';
import { showState, stateIcon } from './icon.js';
import { stateSentence } from './words.js';

/** The one answer, large: state and reason, what it means, and the codes. */
export function stateView(user: string, connectionState$: Observable<ConnectionState>) {
  const icon = stateIcon('disconnected');
  const state = element('span', { class: 'state-name' });
  const reason = element('span', { class: 'state-reason' });
  // One line of text, `state/reason`, which may break behind the slash.
  const line = element('p', { class: 'state', 'data-testid': `${user}-state` }, state, '/', element('wbr'), reason);
  const sentence = element('p', { class: 'sentence' });
  const codes = element('p', { class: 'codes' });
  const view = element('div', { class: 'status' }, icon, element('div', {}, line, sentence), codes);

  const subscription = follow(connectionState$, (now) => {
    for (const target of [view, line]) {
      target.dataset['state'] = now.state;
      target.dataset['reason'] = String(now.reason);
    }
    showState(icon, now.state);
    state.textContent = now.state;
    reason.textContent = String(now.reason);
    sentence.textContent = stateSentence(now) + (now.state === 'failed' ? ` ${now.attempts} attempts were made.` : '');
    codes.textContent = `${stateCodes[now.state]} / ${now.reason === null ? '–' : reasonCodes[now.reason]}`;
    codes.title = 'state code / reason code';
  });
  return { view, subscription };
}
