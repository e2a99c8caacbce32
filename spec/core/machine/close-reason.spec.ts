import { closeReason, type CloseReason } from '../../../lib/core/machine/close-reason.js';
import { connected, down, ended, joining, leave, linked, notice, type Played } from './models.js';

/** Why the session that ran is closed by what happens next. */
function reasonOf(room: Played, happens: (room: Played) => unknown): CloseReason {
  const before = room.model;
  happens(room);
  return closeReason(before, room.model);
}

describe('closeReason', () => {
  it('L5 is "left" for our own leave', () => {
    expect(reasonOf(connected(), (room) => room.frame(20_000, leave))).toBe('left');
    expect(reasonOf(joining(), (room) => room.frame(100, leave))).toBe('left');
  });

  it('L5 T1 is "dismissed" when the server sends us away', () => {
    for (const kind of ['kicked', 'closed', 'duplicateUser'] as const) {
      expect(reasonOf(connected(), (room) => room.frame(20_000, notice({ kind })))).toBe('dismissed');
    }
  });

  it('L5 is "superseded" when a rejoin takes the place of a link that counted', () => {
    const broken = connected({ repairs: false }).frame(20_000, down('signal'));
    expect(reasonOf(broken, (room) => room.frame(21_000))).toBe('superseded');
  });

  it('L5 is "abandoned" for a link that never counted, and for one that the room gave up with', () => {
    const half = joining().frame(100, linked());
    expect(reasonOf(half, (room) => room.frame(200, ended({ kind: 'unreachable' })))).toBe('abandoned');
    expect(reasonOf(connected(), (room) => room.frame(20_000, ended({ kind: 'fatal' })))).toBe('abandoned');
    const broken = connected().frame(20_000, down('signal')).frame(21_000);
    expect(reasonOf(broken, (room) => room.frame(60_000))).toBe('abandoned');
  });
});
