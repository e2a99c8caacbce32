import { deriveOnly } from '../../../lib/core/machine/derive-only.js';
import { initialModel } from '../../../lib/core/machine/initial-model.js';
import type { Policy } from '../../../lib/core/machine/policy.js';
import {
  connected,
  down,
  ended,
  join,
  linked,
  notice,
  Played,
  policy,
  requested,
  retryNow,
  up,
  wake,
  well,
} from './models.js';

/** Healths whose attempts are somebody else's. */
const watching = (changes: Partial<Policy> = {}): Played =>
  new Played(policy({ repairs: false, lateGrace: 0, classify: null, ...changes }), initialModel([]), deriveOnly).frame(0, join);
const well0 = (changes: Partial<Policy> = {}): Played => watching(changes).frame(0, requested, linked(), ...well);

describe('deriveOnly', () => {
  it('P5 opens its sources once, for as long as the join may take', () => {
    const room = watching();
    expect([room.says, room.model.session?.attempt]).toEqual([
      'connecting/joinChannel',
      {
        number: 1,
        kind: 'join',
        cause: null,
        endpoint: null,
        previous: null,
        openingLimit: 20_000,
        limitAt: 20_000,
        deadlineAt: 20_000,
      },
    ]);
  });

  it('P5 judges like a room: joined, broken, announced, back', () => {
    const room = well0();
    const said = [room.says];
    said.push(room.frame(20_000, down('signal')).says, room.frame(21_000).says, room.frame(25_000, up('signal')).says);
    expect(said).toEqual(['connected/joinSucceed', 'connected/joinSucceed', 'reconnecting/signalDisconnected', 'connected/rejoinSucceed']);
    expect(room.session.link).toBe(connected().session.link);
  });

  it('P5 attempts nothing, whatever the server says and whoever asks for it', () => {
    const room = well0();
    for (const happening of [notice({ kind: 'redispatch', endpoint: 'b' }), retryNow, wake(), notice({ kind: 'redispatch', endpoint: 'c' })]) {
      room.frame(20_000, happening);
      expect([room.says, room.due, room.session.link]).toEqual(['reconnecting/redispatch', 'untilDeadline', connected().session.link]);
    }
  });

  it('P5 D1 ends at the deadline, with no attempts made', () => {
    const room = well0().frame(20_000, down('media')).frame(60_000);
    expect(room.state).toEqual(jasmine.objectContaining({ state: 'failed', reason: 'timeout', attempts: 0, cause: 'media' }));
  });

  it('P5 D8 grants no attempt where timers came late: there is none to make', () => {
    expect(well0().frame(75_000, down('media', 20_000)).says).toBe('failed/timeout');
  });

  it('P5 T1 ends when the server sends us away', () => {
    expect(well0().frame(20_000, notice({ kind: 'kicked' })).says).toBe('disconnected/serverKicked');
  });

  it('P5 fails with sources that cannot be subscribed to: they are a mistake of the program', () => {
    const mistake = new TypeError('no such stream');
    expect(watching().frame(5, ended(mistake)).state).toEqual(
      jasmine.objectContaining({ state: 'failed', reason: 'joinChannelFailed', error: mistake }),
    );
  });

  it('P5 J1 fails a join whose healths never came up', () => {
    expect(watching().frame(0, requested, linked(), up('signal')).frame(20_000).state).toEqual(
      jasmine.objectContaining({ state: 'failed', reason: 'joinChannelFailed', cause: 'media' }),
    );
  });

  it('P5 D3 D7 carries lost time over connections that do not last, like a room', () => {
    // Down from 20,000 to 30,000; 1 s up earns 4,000 back: 6,000 are spent.
    const room = well0().frame(20_000, down('signal')).frame(21_000).frame(30_000, up('signal')).frame(31_000, down('signal'));
    expect([room.episode.loss.spent, room.episode.loss.deadlineAt]).toEqual([6_000, 65_000]);
  });
});
