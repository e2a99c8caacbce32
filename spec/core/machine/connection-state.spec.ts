import { expectTypeOf } from 'expect-type';
import {
  reasonCodes,
  reasonOfCode,
  stateCodes,
  stateOfCode,
  type Connected,
  type ConnectionState,
  type Failed,
  type ReasonCode,
  type ReasonName,
  type Reconnecting,
  type StateCode,
  type StateName,
} from '../../../lib/core/machine/connection-state.js';

const never = [0, -1, 6, 15, 1.5, NaN, Infinity, -0];

describe('stateCodes', () => {
  it('S10 are 1 to 5', () => {
    expect(stateCodes).toEqual({ disconnected: 1, connecting: 2, connected: 3, reconnecting: 4, failed: 5 });
  });

  it('S10 lead back to their states', () => {
    for (const [name, code] of Object.entries(stateCodes)) expect<string | undefined>(stateOfCode(code)).toBe(name);
  });

  it('S10 no other number is a state', () => {
    for (const code of never) expect(stateOfCode(code)).withContext(String(code)).toBeUndefined();
  });
});

describe('reasonCodes', () => {
  it('S10 are 1 to 14', () => {
    expect(reasonCodes).toEqual({
      leaveChannel: 1,
      channelClosed: 2,
      serverKicked: 3,
      timeout: 4,
      joinChannel: 5,
      joinSucceed: 6,
      rejoinSucceed: 7,
      mediaConnectionDisconnected: 8,
      signalDisconnected: 9,
      requestChannelFailed: 10,
      joinChannelFailed: 11,
      redispatch: 12,
      settingProxyServer: 13,
      duplicateUser: 14,
    });
  });

  it('S10 lead back to their reasons', () => {
    for (const [name, code] of Object.entries(reasonCodes)) expect<string | undefined>(reasonOfCode(code)).toBe(name);
  });

  it('S10 no other number is a reason', () => {
    const others = never.filter((code) => code !== 6);
    for (const code of others) expect(reasonOfCode(code)).withContext(String(code)).toBeUndefined();
  });
});

describe('ConnectionState', () => {
  interface Call {
    readonly id: string;
  }
  const link: Call = { id: 'call' };

  it('S10 has a code for every state and every reason, as types', () => {
    expectTypeOf<StateName>().toEqualTypeOf<'disconnected' | 'connecting' | 'connected' | 'reconnecting' | 'failed'>();
    expectTypeOf<StateCode>().toEqualTypeOf<1 | 2 | 3 | 4 | 5>();
    expectTypeOf<ReasonCode>().toEqualTypeOf<1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14>();
    expectTypeOf<keyof typeof reasonCodes>().toEqualTypeOf<ReasonName>();
    expect(Object.keys(stateCodes).length).toBe(5);
  });

  it('S3 pairs every state with its own reasons, as types', () => {
    type ReasonOf<S extends StateName> = Extract<ConnectionState, { state: S }>['reason'];
    expectTypeOf<ReasonOf<'disconnected'>>().toEqualTypeOf<
      'leaveChannel' | 'channelClosed' | 'serverKicked' | 'duplicateUser' | null
    >();
    expectTypeOf<ReasonOf<'connecting'>>().toEqualTypeOf<'joinChannel' | 'settingProxyServer'>();
    expectTypeOf<ReasonOf<'connected'>>().toEqualTypeOf<'joinSucceed' | 'rejoinSucceed'>();
    expectTypeOf<ReasonOf<'reconnecting'>>().toEqualTypeOf<
      'mediaConnectionDisconnected' | 'signalDisconnected' | 'redispatch'
    >();
    expectTypeOf<ReasonOf<'failed'>>().toEqualTypeOf<'timeout' | 'requestChannelFailed' | 'joinChannelFailed'>();
    expect().nothing();
  });

  it('S3 refuses a wrong pair, as types', () => {
    const states: readonly ConnectionState<Call>[] = [
      { state: 'disconnected', reason: null },
      { state: 'connected', reason: 'joinSucceed', link },
      { state: 'reconnecting', reason: 'redispatch', link: null, error: null, since: 0 },
      { state: 'disconnected', reason: 'serverKicked', message: 'for spam' },
      { state: 'failed', reason: 'timeout', error: new Error('late'), attempts: 3, cause: 'both' },
      // @ts-expect-error: we did not leave, we are in
      { state: 'connected', reason: 'leaveChannel', link },
      // @ts-expect-error: a first join has not been lost
      { state: 'connecting', reason: 'signalDisconnected' },
      // @ts-expect-error: a timeout is a failure
      { state: 'disconnected', reason: 'timeout' },
      // @ts-expect-error: only disconnected has no reason
      { state: 'connecting', reason: null },
      // @ts-expect-error: connected has a link
      { state: 'connected', reason: 'joinSucceed' },
      // @ts-expect-error: that link is there
      { state: 'connected', reason: 'joinSucceed', link: null },
      // @ts-expect-error: failed tells the error, which is an Error
      { state: 'failed', reason: 'timeout', error: null, attempts: 3, cause: null },
      // @ts-expect-error: failed tells the error, the attempts and what was missing
      { state: 'failed', reason: 'timeout' },
      // @ts-expect-error: no such reason
      { state: 'reconnecting', reason: 'unknown', link, error: null, since: 0 },
      // @ts-expect-error: reconnecting tells what broke, and since when
      { state: 'reconnecting', reason: 'redispatch', link },
    ];
    expect(states.length).toBe(15);
  });

  it('S3 tells by its state what else it carries, as types', () => {
    const what = (state: ConnectionState<Call>): unknown => {
      switch (state.state) {
        case 'connected':
          expectTypeOf(state).toEqualTypeOf<Connected<Call>>();
          return state.link.id;
        case 'reconnecting':
          expectTypeOf(state).toEqualTypeOf<Reconnecting<Call>>();
          return state.link?.id;
        case 'failed':
          expectTypeOf(state).toEqualTypeOf<Failed>();
          return state.attempts;
        default:
          expectTypeOf(state.reason).not.toEqualTypeOf<ReasonName>();
          return state.reason;
      }
    };
    expect(what({ state: 'reconnecting', reason: 'signalDisconnected', link, error: null, since: 0 })).toBe('call');
  });
});
