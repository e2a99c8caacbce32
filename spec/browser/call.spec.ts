import { setTimeout as pause } from 'node:timers/promises';
import type { DemoPage } from './demo-page.js';
import { useDemo } from './use-demo.js';

const joined = ['disconnected/null', 'connecting/joinChannel', 'connected/joinSucceed'];
const reconnecting = /^reconnecting\/(signalDisconnected|mediaConnectionDisconnected)$/;
const timeShown = /^\d+\.\d s$/;

describe('a call in a browser', () => {
  const stage = useDemo();

  /** Proves an absence: A begins no attempt within so many ms. */
  const expectNoAttempt = async (demo: DemoPage, ms: number): Promise<void> => {
    const attempts = await demo.attempts('A');
    const lines = await demo.lines('A');
    await pause(ms);
    expect(await demo.attempts('A')).withContext('attempts').toBe(attempts);
    expect(await demo.lines('A')).toEqual(lines);
  };

  it('both join and see each other move', async () => {
    const demo = await stage.open();
    expect(await demo.state('A')).toBe('disconnected/null');
    await demo.joinBoth();
    expect(await demo.lines('A')).toEqual(joined);
    expect(await demo.lines('B')).toEqual(joined);
  });

  it('everything is cut for 5 s: A is reconnecting, and back in the call when it is healed', async () => {
    const demo = await stage.open();
    await demo.joinBoth();

    const fiveSeconds = pause(5_000);
    await demo.press('A-cut-all');
    const cause = await demo.shows('A', reconnecting);
    expect(await demo.at('A-deadline').textContent()).toMatch(timeShown);
    expect(await demo.at('A-countdown').textContent()).toMatch(/^(\d+\.\d s|now)$/);
    await demo.reads('A-countdown', timeShown); // every wait between two attempts counts down
    expect(await demo.picturesWithin('A', 500)).withContext('pictures through a cut').toBe(0);
    await fiveSeconds;

    await demo.press('A-heal');
    await demo.shows('A', 'connected/rejoinSucceed');
    await demo.seesTheOther('A');
    await demo.seesTheOther('B');
    expect(await demo.lines('A')).toEqual([...joined, cause, 'connected/rejoinSucceed']);
    expect(await demo.at('A-countdown').textContent()).toBe('—');
    expect(await demo.at('A-deadline').textContent()).toBe('—');
  });

  it('the devtools cut everything of A, without the gate: A is reconnecting, and back when it is healed', async () => {
    const b = await stage.open({ user: 'B' });
    await b.press('B-join');
    await b.shows('B', 'connected/joinSucceed');

    const a = await stage.open({ user: 'A' });
    const network = await a.network(); // before the peer connection is made: later it would not touch that
    await a.press('A-join');
    await a.shows('A', 'connected/joinSucceed');
    await a.seesTheOther('A');

    await network.cut();
    const cause = await a.shows('A', reconnecting);
    expect(await a.picturesWithin('A', 500)).withContext('pictures through a cut').toBe(0);
    await network.heal();
    await a.shows('A', 'connected/rejoinSucceed');
    await a.seesTheOther('A');
    await b.seesTheOther('B');
    expect(await a.lines('A')).toEqual([...joined, cause, 'connected/rejoinSucceed']);
  });

  it('cut past the deadline: failed, no attempt after it, and a new join works', async () => {
    const demo = await stage.open({ deadline: '10000' });
    await demo.joinBoth();

    const cutAt = performance.now();
    await demo.press('A-cut-all');
    await demo.shows('A', reconnecting);
    const shown = (await demo.at('A-deadline').textContent()) ?? '';
    expect(shown).toMatch(timeShown);
    expect(Number.parseFloat(shown)).toBeLessThanOrEqual(10);
    await demo.shows('A', 'failed/timeout');
    expect(performance.now() - cutAt).toBeGreaterThan(9_000);
    await expectNoAttempt(demo, 5_000);

    await demo.press('A-heal');
    await expectNoAttempt(demo, 3_000);
    expect(await demo.state('A')).toBe('failed/timeout');

    await demo.press('A-join');
    await demo.shows('A', 'connected/joinSucceed');
    await demo.seesTheOther('A');
    await demo.seesTheOther('B');
  });

  it('A is kicked: disconnected, no attempt after it, and B sees A leave', async () => {
    const demo = await stage.open();
    await demo.joinBoth();
    expect(await demo.others('B')).toBe('with A');

    await demo.press('A-kick');
    await demo.shows('A', 'disconnected/serverKicked');
    await demo.othersAre('B', '');
    await demo.saidAt('A left (kicked)');
    await expectNoAttempt(demo, 4_000);
    expect(await demo.lines('A')).toEqual([...joined, 'disconnected/serverKicked']);
    expect(await demo.lines('B')).toEqual(joined);
  });

  it('only signalling is cut: the very same pictures keep coming meanwhile', async () => {
    const demo = await stage.open();
    await demo.joinBoth();
    const stream = await demo.streamId('A');

    await demo.press('A-cut-signal');
    await demo.shows('A', 'reconnecting/signalDisconnected');
    await demo.seesTheOther('A', 20);
    await demo.seesTheOther('B', 20);
    expect(await demo.state('A')).toBe('reconnecting/signalDisconnected');

    await demo.press('A-heal');
    await demo.shows('A', 'connected/rejoinSucceed');
    await demo.seesTheOther('A');
    expect(await demo.streamId('A')).withContext('one peer connection all along').toBe(stream);
    expect(await demo.lines('A')).toEqual([...joined, 'reconnecting/signalDisconnected', 'connected/rejoinSucceed']);
  });

  it('only media is cut: A is reconnecting for that reason, and back when it is healed', async () => {
    const demo = await stage.open();
    await demo.joinBoth();

    await demo.press('A-cut-media');
    await demo.shows('A', 'reconnecting/mediaConnectionDisconnected');
    expect(await demo.picturesWithin('A', 500)).withContext('pictures through a cut').toBe(0);

    await demo.press('A-heal');
    await demo.shows('A', 'connected/rejoinSucceed');
    await demo.shows('B', /^connected\//);
    await demo.seesTheOther('A');
    await demo.seesTheOther('B');
    expect(await demo.lines('A')).toEqual([
      ...joined,
      'reconnecting/mediaConnectionDisconnected',
      'connected/rejoinSucceed',
    ]);
  });

  it('Q1 Q2 Q3 Q4 each sees how weak the network is, and nobody looks any more when the call is over', async () => {
    const demo = await stage.open();
    const looks = await demo.looksAtStatistics();
    const legs = ['A-quality-up', 'A-quality-down', 'B-quality-up', 'B-quality-down'];
    const allRead = (wanted: RegExp) => Promise.all(legs.map((leg) => demo.reads(leg, wanted)));
    await allRead(/^—$/);
    await demo.joinBoth();
    await allRead(/^(excellent|good)$/);

    await demo.press('A-lose-20');
    await allRead(/^(bad|very bad)$/);
    expect(await demo.state('A')).toMatch(/^connected\//);

    await demo.press('A-cut-media');
    await allRead(/^down$/);
    await demo.press('A-heal');
    await allRead(/^(excellent|good)$/);

    for (const user of ['A', 'B']) await demo.press(`${user}-leave`);
    await allRead(/^—$/);
    await pause(500); // a look that was on its way
    const before = await looks();
    expect(before).toBeGreaterThan(20);
    await pause(3_000);
    expect(await looks()).withContext('looks at the statistics').toBe(before);
  });

  it('the room is closed: both are out and stay out', async () => {
    const demo = await stage.open();
    await demo.joinBoth();
    await demo.press('close-room');
    await demo.shows('A', 'disconnected/channelClosed');
    await demo.shows('B', 'disconnected/channelClosed');
    await expectNoAttempt(demo, 3_000);
  });

  it('the server restarts and has forgotten everybody: both come back by themselves', async () => {
    const demo = await stage.open();
    await demo.joinBoth();
    await demo.press('restart-server');
    for (const user of ['A', 'B'] as const) await demo.shows(user, 'reconnecting/signalDisconnected');
    for (const user of ['A', 'B'] as const) await demo.shows(user, 'connected/rejoinSucceed');
    await demo.seesTheOther('A');
    await demo.seesTheOther('B');
  });

  it('a busy server names a time: the countdown honours it', async () => {
    const demo = await stage.open();
    await demo.at('retry-after').fill('4');
    await demo.press('busy');
    await demo.reads('busy', 'Busy: on');

    await demo.press('A-join');
    await demo.reads('A-countdown', timeShown);
    expect(Number.parseFloat((await demo.at('A-countdown').textContent()) ?? '')).toBeLessThanOrEqual(4.2);
    expect(await demo.state('A')).toBe('connecting/joinChannel');
    await demo.press('busy'); // it has time again; A keeps to what it was told
    await demo.shows('A', 'connected/joinSucceed');

    expect(await demo.attempts('A')).toBe(2);
    const waited = (await demo.saidAt('attempt 2: join')) - (await demo.saidAt('attempt 1 failed (busy)'));
    expect(waited).toBeGreaterThan(3_990); // 4 s, and what two clocks round
    expect(waited).toBeLessThan(6_000);
  });
});
