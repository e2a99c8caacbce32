import type { Reading, Session } from '../../../lib/core/machine/model.js';
import { aliveUntil, downLegs } from '../../../lib/core/machine/session.js';
import { connected, down, joining, linked, sourceEnded, up, wake, type Link } from './models.js';

const { session: healthy } = connected();
const dead = (aliveAt: number): Reading => ({ up: false, since: 900, aliveAt, ended: false });
const session = (changes: Partial<Session<Link>>): Session<Link> => ({ ...healthy, ...changes });
const signalDown = session({ signal: dead(700) });
const mediaDown = session({ media: dead(800) });
const bothDown = session({ signal: dead(700), media: dead(800) });

describe('downLegs', () => {
  it('S7 names what is down, and nothing while there is no link', () => {
    const legs = [null, joining().model.session, healthy, signalDown, mediaDown, bothDown].map(downLegs);
    expect(legs).toEqual([null, null, null, 'signal', 'media', 'both']);
  });
});

describe('aliveUntil', () => {
  const until = (ended: boolean, ...sessions: readonly Session<Link>[]): number[] =>
    sessions.map((one) => aliveUntil(one, 1_000, ended));

  it('D9 is the latest proof of life of what is down', () => {
    expect(until(false, signalDown, mediaDown, bothDown)).toEqual([700, 800, 800]);
  });

  it('D9 of a link that ended: now for a leg that was up, else its last proof of life, the latest of them', () => {
    expect(until(true, healthy, signalDown, mediaDown, bothDown)).toEqual([1_000, 1_000, 1_000, 800]);
  });

  it('D9 a leg that does not exist proves nothing', () => {
    expect(until(true, session({ hasMedia: false, signal: dead(700) }))).toEqual([700]);
  });
});

describe('a reading', () => {
  it('D1 dates from the proof of life that its source reports, but not from before the connection nor from after now', () => {
    const aliveAt = (reported?: number): number => connected().frame(20_000, down('signal', reported)).session.signal.aliveAt;
    expect([aliveAt(), aliveAt(18_000), aliveAt(-5), aliveAt(99_000), aliveAt(NaN)]).toEqual([20_000, 18_000, 0, 20_000, 20_000]);
  });

  it('Z2 dates from before the sleep that is told of in its frame', () => {
    expect(connected().frame(20_000, wake(3_000), down('signal')).session.signal.aliveAt).toBe(17_000);
  });

  it('H6 S4 that repeats what is known changes nothing', () => {
    const room = connected().frame(20_000, down('signal', 19_000));
    expect(room.frame(20_500, down('signal')).session.signal).toEqual({ up: false, since: 20_000, aliveAt: 19_000, ended: false });
  });

  it('H10 of a source that has ended stays down for good', () => {
    const room = connected().frame(20_000, sourceEnded('media')).frame(20_050, up('media'));
    expect([room.session.media.up, room.session.media.ended]).toEqual([false, true]);
  });

  it('S8 J6 of a new link is down until it is told, but for media that it does not have', () => {
    const legs = (media: boolean): boolean[] => {
      const { signal, media: other } = joining().frame(100, linked({ media })).session;
      return [signal.up, other.up];
    };
    expect([legs(true), legs(false)]).toEqual([[false, false], [false, true]]);
  });

  it('J8 H6 of two links the newer counts', () => {
    const newer = { name: 'newer' };
    const room = connected().frame(20_000, linked({ as: newer })).frame(20_000, up('signal'), up('media'));
    expect(room.state).toEqual({ state: 'connected', reason: 'rejoinSucceed', link: newer });
  });
});
