import { stateCodes, type StateName } from '../../../lib/index.js';
import { element } from './element.js';
import { stateIcon } from './icon.js';

/** The five states, each with its colour, its sign and its name. */
export function legend(list: HTMLElement): void {
  for (const state of Object.keys(stateCodes) as StateName[]) {
    list.append(element('li', { 'data-state': state }, stateIcon(state), state));
  }
}
