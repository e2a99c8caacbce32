import { shown } from '../core/options/wrong.js';

const CURES = {
  signal$: 'an Observable of health',
  media$: 'an Observable of health, or null for a room without media',
  notice$: 'an Observable of the notices of the server',
  errors$: 'an Observable',
  probe: 'a function that gives an Observable',
  close: 'a function',
} as const;

const REQUIRED: readonly string[] = ['signal$', 'media$'];

/**
 * What is wrong with a value that should be a link, with the cure; `null` when nothing is. A mistake of the program: no retry
 * can change it.
 */
export function linkFault(owner: string, link: unknown): TypeError | null {
  if (typeof link !== 'object' || link === null) {
    return new TypeError(`${owner} must be an object such as { signal$, media$: null }, got ${shown(link)}`);
  }
  for (const [name, cure] of Object.entries(CURES)) {
    let member: unknown;
    try {
      member = (link as Readonly<Record<string, unknown>>)[name];
    } catch (cause) {
      return new TypeError(`${owner}.${name} could not be read`, { cause });
    }
    const isGiven = member !== undefined && (member !== null || name !== 'media$');
    const fits =
      typeof (name.endsWith('$') ? (member as { subscribe?: unknown } | null)?.subscribe : member) === 'function';
    if (isGiven ? !fits : REQUIRED.includes(name) && member === undefined)
      return new TypeError(`${owner}.${name} must be ${cure}, got ${shown(member)}`);
  }
  return null;
}
