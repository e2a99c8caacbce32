import { beginJoinLoss, type Loss } from '../../../lib/core/recovery/loss.js';
import { healed } from '../../../lib/core/recovery/healed.js';
import { newStanding, tallyAfter, type Standing, type Tally } from '../../../lib/core/recovery/standing.js';

/** Something of everything. */
const tally: Tally = {
  position: 7,
  busyCount: 3,
  hintAt: 9_000,
  unreachableAt: 500,
  beganAt: 900,
  limitsReached: 2,
  openingsHung: 1,
  used: ['restart', 'rejoin', 'redispatch', 'resume'],
  lastChanceTaken: true,
};
const standing: Standing = { spent: 5_000, since: 1_000, tally };
const loss: Loss = { aliveAt: 20_000, spent: 3_000, deadline: 40_000, deadlineAt: 57_000, answered: false, extended: false };

describe('newStanding', () => {
  it('R3 D3 has counted nothing and lost nothing', () => {
    const { spent, since, tally: none } = newStanding(700);
    expect([spent, since, none.position, none.busyCount, none.hintAt]).toEqual([0, 700, 0, 0, null]);
    expect([none.limitsReached, none.openingsHung, none.used]).toEqual([0, 0, []]);
  });
});

describe('tallyAfter', () => {
  it('R3 R11 R15 keeps all that was counted over a connection that did not last', () => {
    expect(tallyAfter(standing, 10_999, 10_000)).toEqual(tally); // 9,999 ms
    expect(tallyAfter(standing, 1_000, 10_000)).toEqual(tally);
    // A break that dates from before the connection: a sleep that is told of later.
    expect(tallyAfter(standing, 0, 10_000)).toEqual(tally);
  });

  it('R4 R11 R15 forgets all of it after one that lasted 10 s, but the time of the last attempt', () => {
    const nothing = { ...newStanding(0).tally, beganAt: 900 };
    expect(tallyAfter(standing, 11_000, 10_000)).toEqual(nothing); // 10,000 ms
    expect(tallyAfter(standing, 3_600_000, 10_000)).toEqual(nothing);
  });

  it('R3 begins anew each time when nothing needs to last', () => {
    expect(tallyAfter(standing, 1_000, 0)).toEqual({ ...newStanding(0).tally, beganAt: 900 });
  });
});

describe('healed', () => {
  it('D3 an announced break spends the time that it lasted, upon what was spent before', () => {
    expect(healed(loss, tally, 22_500, 'loud')).toEqual({ spent: 5_500, since: 22_500, tally }); // 2,500 + 3,000
  });

  it('D3 D7 spends no more than there is', () => {
    expect(healed({ ...loss, spent: 39_000 }, tally, 22_500, 'loud').spent).toBe(40_000); // not 41,500
  });

  it('D3 a dip that was never announced spends nothing, and gives nothing back', () => {
    expect(healed(loss, tally, 20_900, 'quiet')).toEqual({ spent: 3_000, since: 20_900, tally });
  });

  it('D3 a join spends nothing', () => {
    expect(healed(beginJoinLoss(0, 20_000), tally, 15_000, 'joined')).toEqual({ spent: 0, since: 15_000, tally });
  });
});
