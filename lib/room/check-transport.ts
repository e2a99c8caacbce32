import { hasMethod, isList, memberOf } from '../core/options/outside.js';
import { wrongType } from '../core/options/wrong.js';

const MEMBERS = ['join', 'request', 'repair', 'classify'] as const;

/** A transport that cannot join is a mistake of the program, not of the network: no retry can change it. */
export function checkTransport(owner: string, transport: unknown): void {
  if (typeof transport !== 'object' || transport === null || isList(transport)) {
    throw wrongType(`${owner}: transport`, 'an object with a join function', transport);
  }
  for (const name of MEMBERS) {
    const member = memberOf(transport, name);
    if (typeof member !== 'function' && (name === 'join' || member !== undefined))
      throw wrongType(`${owner}: transport.${name}`, 'a function', member);
  }
  for (const name of Object.keys(transport)) {
    // A transport may have members of its own, but hardly one that is a letter away from ours.
    const meant = MEMBERS.find((known) => known !== name && isNearly(name, known));
    if (meant !== undefined && hasMethod(transport, name))
      throw new TypeError(`${owner}: transport.${name} is unknown; did you mean ${meant}?`);
  }
}

/** Whether two words are one letter apart: one more, one less, one other, or two that changed places. */
function isNearly(word: string, known: string): boolean {
  const [a, b] = word.length < known.length ? [word, known] : [known, word];
  if (b.length - a.length > 1) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const rest = (text: string, from: number): string => text.slice(from);
  if (b.length > a.length) return rest(a, at) === rest(b, at + 1);
  const swapped = a[at] === b[at + 1] && a[at + 1] === b[at] && rest(a, at + 2) === rest(b, at + 2);
  return rest(a, at + 1) === rest(b, at + 1) || swapped;
}
