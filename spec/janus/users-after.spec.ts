import { nobody, usersAfter, type Here } from '../../lib/janus/users-after.js';
import { readRoomMessage } from '../../lib/janus/room-message.js';
import type { RoomMessage } from '../../lib/janus/room-message.js';

const message = (data: object): RoomMessage => {
  const read = readRoomMessage({ videoroom: 'event', ...data });
  if (read instanceof Error) throw read;
  return read;
};
const after = (before: Here, ...messages: readonly object[]) => {
  let here = before;
  const reports: unknown[] = [];
  for (const one of messages) {
    const step = usersAfter(here, message(one), 1);
    here = step.here;
    reports.push(...step.reports);
  }
  return { here, reports, ids: [...here.users.keys()] };
};

const two = after(nobody, { publishers: [{ id: 2, display: 'Ann' }], attendees: [{ id: 3 }] }).here;

describe('usersAfter', () => {
  it('U1 counts publishers and attendees, and not ourselves', () => {
    const { ids, reports } = after(nobody, { publishers: [{ id: 2, display: 'Ann' }], attendees: [{ id: 3 }, { id: 1 }] });
    expect(ids).toEqual(['2', '3']);
    expect(reports).toEqual([
      { type: 'joined', user: { id: '2', display: 'Ann' } },
      { type: 'joined', user: { id: '3' } },
    ]);
  });

  it('U1 one who joins first and publishes later has come once', () => {
    expect(after(two, { joining: { id: 4, display: 'Bob' } }, { publishers: [{ id: 4, display: 'Bob' }] }).reports).toEqual([
      { type: 'joined', user: { id: '4', display: 'Bob' } },
    ]);
  });

  it('U1 one who leaves on purpose has left for the normal reason', () => {
    expect(after(two, { leaving: 2 }).reports).toEqual([{ type: 'left', id: '2', reason: 'normal' }]);
  });

  it('U1 of one whose session ended nobody knows why', () => {
    expect(after(two, { unpublished: 2 }, { unpublished: 2 }, { leaving: 2 }).reports).toEqual([
      { type: 'left', id: '2', reason: null },
    ]);
  });

  it('U1 one who stopped publishing and began again, and leaves, left on purpose', () => {
    const { reports } = after(two, { unpublished: 2 }, { publishers: [{ id: 2, display: 'Ann' }] }, { leaving: 2 });
    expect(reports).toEqual([{ type: 'left', id: '2', reason: 'normal' }]);
  });

  it('U1 one who is kicked was kicked, said in either way', () => {
    expect(after(two, { kicked: 2 }, { leaving: 3, reason: 'kicked' }).reports).toEqual([
      { type: 'left', id: '2', reason: 'kicked' },
      { type: 'left', id: '3', reason: 'kicked' },
    ]);
  });

  it('U3 a list is the whole truth: who stays is no news', () => {
    const { reports, ids } = after(two, { participants: [{ id: 3 }, { id: 4 }, { id: 1 }] });
    expect(reports).toEqual([
      { type: 'left', id: '2', reason: null },
      { type: 'joined', user: { id: '4' } },
    ]);
    expect(ids).toEqual(['3', '4']);
  });

  it('one who is not here leaves without a trace, and so do we', () => {
    expect(after(two, { leaving: 9 }, { kicked: 9 }, { unpublished: 9 }, { leaving: 'ok', reason: 'kicked' }).reports).toEqual([]);
  });
});
