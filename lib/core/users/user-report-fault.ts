import { leaveReasons, type User, type UserReport } from './users.js';

/** Users that a room may have: a server must not fill our memory. */
export const MOST_USERS = 10_000;

/**
 * What is wrong with a value that should be a `UserReport` on these users; `null` when it is one.
 *
 * @param begun - whether its link has told who is here.
 */
export function userReportFault(value: unknown, users: readonly User[], begun: boolean): string | null {
  const report = (value ?? {}) as Readonly<Record<string, unknown>>;
  const { type, reason } = report;
  const list = type === 'snapshot' ? report['users'] : [type === 'joined' ? report['user'] : report];

  if (type !== 'snapshot' && type !== 'joined' && type !== 'left') return 'not a report';
  if (!begun && type !== 'snapshot') return `${type} before the snapshot`;
  if (!Array.isArray(list)) return 'snapshot without users';
  // Array.from does not skip holes, as map would.
  const ids = list.length > MOST_USERS ? null : new Set(Array.from(list, idOf));
  if (ids === null || (type === 'joined' && users.length >= MOST_USERS && !users.some(({ id }) => ids.has(id)))) {
    return `${type} of more than ${String(MOST_USERS)} users`;
  }
  if (ids.has(null)) return `${type} without an id`;
  return type === 'left' && !isReason(reason) ? 'left without a known reason' : null;
}

/** Whether a snapshot lists somebody more than once. */
export const listsTwice = (report: UserReport): boolean =>
  report.type === 'snapshot' && new Set(report.users.map(({ id }) => id)).size < report.users.length;

const idOf = (user: unknown): string | null => {
  const { id } = (user ?? {}) as { readonly id?: unknown };
  return typeof id === 'string' && id !== '' ? id : null;
};

/** Own keys only, and of texts only: `toString` is no reason, and neither is `['normal']`. */
const isReason = (reason: unknown): boolean =>
  reason === null || (typeof reason === 'string' && Object.hasOwn(leaveReasons, reason));
