import type { StateName } from '../../../lib/index.js';

/** One shape a state, so that colour never has to tell them apart. */
const paths: Readonly<Record<StateName, string>> = {
  disconnected: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z',
  connecting: 'M12 4a8 8 0 0 1 8 8M4 12a8 8 0 0 0 8 8',
  connected: 'M5 12.5 10 17.5 19.5 7',
  reconnecting: 'M20 12a8 8 0 1 1-2.6-5.9M20.5 3v4.5H16',
  failed: 'M6 6 18 18M18 6 6 18',
};

const svg = 'http://www.w3.org/2000/svg';

/** The sign of a state; decoration beside a text that says the same. */
export function stateIcon(state: StateName): SVGSVGElement {
  const icon = document.createElementNS(svg, 'svg');
  icon.setAttribute('viewBox', '0 0 24 24');
  icon.setAttribute('class', 'icon');
  icon.setAttribute('aria-hidden', 'true');
  icon.append(document.createElementNS(svg, 'path'));
  showState(icon, state);
  return icon;
}

/** Makes an icon the sign of another state. */
export function showState(icon: SVGSVGElement, state: StateName): void {
  icon.dataset['state'] = state;
  icon.firstElementChild?.setAttribute('d', paths[state]);
}
