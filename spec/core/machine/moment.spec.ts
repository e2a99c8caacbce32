import { initialModel } from '../../../lib/core/machine/model.js';
import { isNews } from '../../../lib/core/machine/observe.js';
import { connected, downSince, session, type Link } from './models.js';
import type { RoomInput } from '../../../lib/core/machine/room-input.js';

describe('isNews', () => {
  const health = (source: 'signal' | 'media', up: boolean, id = 1): RoomInput<Link> => ({
    type: 'health',
    id,
    source,
    health: up ? 'up' : { down: true },
  });

  it('S4 of a health is what the room does not know yet', () => {
    const silent = connected({ session: session({ media: downSince(1_000) }) });
    expect(isNews(silent, health('signal', false))).toBeTrue();
    expect(isNews(silent, health('signal', true))).toBeFalse();
    expect(isNews(silent, health('media', true))).toBeTrue();
    expect(isNews(silent, health('media', false))).toBeFalse();
  });

  it('H6 is no health of another link, and none where there is no link', () => {
    expect(isNews(connected(), health('signal', false, 7))).toBeFalse();
    expect(isNews<Link>(initialModel([]), health('signal', false))).toBeFalse();
  });

  it('is everything else', () => {
    expect(isNews(connected(), { type: 'retryNow' })).toBeTrue();
    expect(isNews(connected(), { type: 'notice', id: 7, notice: { kind: 'kicked' } })).toBeTrue();
  });
});
