import { of, switchMap, type Observable } from 'rxjs';
import type { NetworkQuality, Quality } from '../../../lib/webrtc/index.js';
import type { ShownLink } from '../call/janus-call.js';
import { element } from './element.js';
import { follow } from './follow.js';

const words: Readonly<Record<Quality, string>> = {
  0: 'unknown',
  1: 'excellent',
  2: 'good',
  3: 'fair',
  4: 'bad',
  5: 'very bad',
  6: 'down',
};

const legs = { up: { arrow: '↑', name: 'sending' }, down: { arrow: '↓', name: 'receiving' } } as const;

/** How weak the network is, in the direction of each arrow: one bar of five less for every step, and its name. */
export function qualityView(user: string, link$: Observable<ShownLink | null>) {
  const up = legView(user, 'up');
  const down = legView(user, 'down');
  const view = element(
    'dl',
    { class: 'quality' },
    element('div', {}, element('dt', {}, 'Network'), up.view, down.view),
  );
  const quality$ = link$.pipe(switchMap((link) => link?.quality$ ?? of(null)));
  const subscription = follow(quality$, (quality: NetworkQuality | null) => {
    up.show(quality?.up ?? null);
    down.show(quality?.down ?? null);
  });
  return { view, subscription };
}

function legView(user: string, leg: keyof NetworkQuality) {
  const { arrow, name } = legs[leg];
  const bars = element('span', { class: 'bars', 'aria-hidden': 'true' });
  for (let bar = 0; bar < 5; bar++) bars.append(element('i'));
  const word = element('span', { 'data-testid': `${user}-quality-${leg}` });
  const view = element(
    'dd',
    {},
    element('span', { 'aria-hidden': 'true' }, arrow),
    element('span', { class: 'unseen' }, `${name}: `),
    bars,
    word,
  );
  const show = (quality: Quality | null) => {
    view.dataset['quality'] = String(quality ?? 0);
    word.textContent = quality === null ? '—' : words[quality];
    view.title = quality === null ? 'not measured' : `${name}: ${quality}, of 1 (excellent) to 6 (down)`;
  };
  return { view, show };
}
