import { areLost, type StunCounts } from '../../demo/client/call/stun-losses.js';

/** A look a second; every `every` seconds a request, of which those at the given places are answered. */
function looks(seconds: number, every: number, isAnswered: (request: number) => boolean): StunCounts[] {
  let requests = 0;
  let answers = 0;
  return Array.from({ length: seconds }, (_, second) => {
    if (second % every === 0) {
      if (isAnswered(requests)) answers++;
      requests++;
    }
    return { at: second * 1_000, pair: 'P', requests, answers };
  });
}

describe('areLost', () => {
  it('H13 is told by answers of which many are missing while some come', () => {
    expect(areLost(looks(60, 3, (request) => request % 3 === 0))).toBe(true);
    expect(areLost(looks(60, 3, (request) => request % 3 !== 0))).toBe(true);
  });

  it('is not told of a network that is well, or loses little', () => {
    expect(areLost(looks(60, 3, () => true))).toBe(false);
    expect(areLost(looks(60, 3, (request) => request % 6 !== 0))).toBe(false);
  });

  it('is not told of one that is cut, in one direction or both, however many requests are then sent', () => {
    const before = looks(60, 3, () => true);
    const [last] = before.slice(-1);
    for (const perSecond of [1, 16]) {
      const cut = Array.from({ length: 11 }, (_, second) => ({
        ...last!,
        at: last!.at + (second + 1) * 1_000,
        requests: last!.requests + (second + 1) * perSecond,
      }));
      expect(areLost([...before.slice(11), ...cut])).toBe(false);
    }
  });

  it('is not told before there is something to tell', () => {
    expect(areLost([])).toBe(false);
    expect(areLost(looks(1, 1, () => false))).toBe(false);
    expect(areLost(looks(12, 3, (request) => request === 3))).toBe(false);
  });
});
