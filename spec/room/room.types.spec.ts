import { expectTypeOf } from 'expect-type';
import { NEVER, of, type Observable } from 'rxjs';
import {
  createRoom,
  deriveConnectionState,
  reasonOfCode,
  roomConnection,
  stateOfCode,
  whenConnected,
  type Attempt,
  type Connected,
  type ConnectionState,
  type Disconnected,
  type DeriveOptions,
  type Failed,
  type Health,
  type Progress,
  type ReasonCode,
  type ReasonName,
  type Reconnecting,
  type Room,
  type RoomError,
  type RoomEvent,
  type RoomLink,
  type RoomOptions,
  type RoomSnapshot,
  type RoomTransport,
  type ServerNotice,
  type StateCode,
  type StateName,
  type Verdict,
} from '../../lib/index.js';

/** A link of an application's own. */
interface Session extends RoomLink {
  readonly id: string;
}

const session: Session = { id: 'a', signal$: NEVER, media$: null };

describe('types of a room', () => {
  it('S3 a wrong pair of state and reason does not compile', () => {
    // @ts-expect-error a reason of disconnected
    const connecting: ConnectionState = { state: 'connecting', reason: 'leaveChannel' };
    // @ts-expect-error a reason of connecting
    const connected: ConnectionState = { state: 'connected', reason: 'joinChannel', link: session };
    // @ts-expect-error a reason of connected
    const reconnecting: ConnectionState = { state: 'reconnecting', reason: 'rejoinSucceed', link: null };
    // @ts-expect-error a reason of reconnecting
    const failed: ConnectionState = { state: 'failed', reason: 'signalDisconnected', error: null, attempts: 1 };
    // @ts-expect-error a reason of failed
    const disconnected: ConnectionState = { state: 'disconnected', reason: 'timeout' };
    // @ts-expect-error only disconnected may have no reason
    const nothing: ConnectionState = { state: 'connecting', reason: null };
    // @ts-expect-error no such state
    const unknown: ConnectionState = { state: 'disconnecting', reason: null };
    expect([connecting, connected, reconnecting, failed, disconnected, nothing, unknown].length).toBe(7);
  });

  it('S3 every state carries what belongs to it, and nothing else', () => {
    // @ts-expect-error connected without a link
    const linkless: ConnectionState<Session> = { state: 'connected', reason: 'joinSucceed' };
    // @ts-expect-error connected with no link
    const empty: ConnectionState<Session> = { state: 'connected', reason: 'joinSucceed', link: null };
    // @ts-expect-error reconnecting without a word on its link
    const silent: ConnectionState<Session> = { state: 'reconnecting', reason: 'redispatch' };
    // @ts-expect-error failed without the error
    const errorless: ConnectionState = { state: 'failed', reason: 'timeout', attempts: 3 };
    // @ts-expect-error failed without the number of attempts
    const countless: ConnectionState = { state: 'failed', reason: 'timeout', error: null };
    // @ts-expect-error connecting with a link
    const early: ConnectionState<Session> = { state: 'connecting', reason: 'joinChannel', link: session };
    expect([linkless, empty, silent, errorless, countless, early].length).toBe(6);
  });

  it('S3 the state narrows by its name', () => {
    const state = { state: 'disconnected', reason: null } as ConnectionState<Session>;
    if (state.state === 'connected') expectTypeOf(state.link).toEqualTypeOf<Session>();
    if (state.state === 'reconnecting') expectTypeOf(state.link).toEqualTypeOf<Session | null>();
    if (state.state === 'failed') {
      expectTypeOf(state.error).toEqualTypeOf<Error>();
      expectTypeOf(state.cause).toEqualTypeOf<'signal' | 'media' | 'both' | null>();
      expectTypeOf(state.attempts).toBeNumber();
      expectTypeOf(state.suspendedFor).toEqualTypeOf<number | undefined>();
    }
    // @ts-expect-error not every state has a link
    expect(state.link).toBeUndefined();
    // @ts-expect-error it is for reading
    state.state = 'disconnected';
  });

  it('S3 the pairs are those of the table', () => {
    type ReasonOf<N extends StateName> = Extract<ConnectionState, { state: N }>['reason'];
    expectTypeOf<ReasonOf<'disconnected'>>().toEqualTypeOf<'leaveChannel' | 'channelClosed' | 'serverKicked' | 'duplicateUser' | null>();
    expectTypeOf<ReasonOf<'connecting'>>().toEqualTypeOf<'joinChannel' | 'settingProxyServer'>();
    expectTypeOf<ReasonOf<'connected'>>().toEqualTypeOf<'joinSucceed' | 'rejoinSucceed'>();
    expectTypeOf<ReasonOf<'reconnecting'>>().toEqualTypeOf<'mediaConnectionDisconnected' | 'signalDisconnected' | 'redispatch'>();
    expectTypeOf<ReasonOf<'failed'>>().toEqualTypeOf<'timeout' | 'requestChannelFailed' | 'joinChannelFailed'>();
    expectTypeOf<Connected<Session>['link']>().toEqualTypeOf<Session>();
    expectTypeOf<Reconnecting<Session>['link']>().toEqualTypeOf<Session | null>();
    expectTypeOf<Disconnected>().not.toHaveProperty('link');
    expectTypeOf<Failed>().not.toHaveProperty('link');
    expect().nothing();
  });

  it('S10 codes are literals', () => {
    expectTypeOf<StateCode>().toEqualTypeOf<1 | 2 | 3 | 4 | 5>();
    expectTypeOf<ReasonCode>().toEqualTypeOf<1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14>();
    expectTypeOf(stateOfCode(1)).toEqualTypeOf<StateName | undefined>();
    expectTypeOf(reasonOfCode(1)).toEqualTypeOf<ReasonName | undefined>();
    expectTypeOf<ReasonName>().not.toBeNullable();
    expect().nothing();
  });

  it('the link of a room is that of its transport', () => {
    const room = createRoom({ join: () => of(session) });
    expectTypeOf(room).toEqualTypeOf<Room<Session>>();
    expectTypeOf(room.connectionState$).toEqualTypeOf<Observable<ConnectionState<Session>>>();
    expectTypeOf(room.connectionState).toEqualTypeOf<ConnectionState<Session>>();
    expectTypeOf(room.link$).toEqualTypeOf<Observable<Session | null>>();
    expectTypeOf(room.progress$).toEqualTypeOf<Observable<Progress | null>>();
    expectTypeOf(room.snapshot$).toEqualTypeOf<Observable<RoomSnapshot<Session>>>();
    expectTypeOf(room.errors$).toEqualTypeOf<Observable<RoomError>>();
    expectTypeOf(room.events$).toEqualTypeOf<Observable<RoomEvent>>();
    expectTypeOf(room.join).toEqualTypeOf<() => void>();
    expectTypeOf(room.leave).toEqualTypeOf<() => void>();
    expectTypeOf(room.retryNow).toEqualTypeOf<() => void>();
    expectTypeOf(room).toExtend<Disposable>();
    expectTypeOf(whenConnected(room)).toEqualTypeOf<Promise<Session>>();
    room[Symbol.dispose]();
    expectTypeOf(roomConnection({ join: () => of(session) })).toEqualTypeOf<Observable<ConnectionState<Session>>>();
    const sources = { signal$: NEVER as Observable<Health>, media$: null, mine: 1 };
    expectTypeOf(deriveConnectionState(sources)).toEqualTypeOf<Observable<ConnectionState<typeof sources>>>();
    expect().nothing();
  });

  it('what is requested is what the join gets', () => {
    const transport: RoomTransport<{ token: string }, Session> = {
      request: () => Promise.resolve({ token: 't' }),
      join: (attempt, info) => {
        expectTypeOf(attempt).toEqualTypeOf<Attempt<Session>>();
        expectTypeOf(attempt.previous).toEqualTypeOf<Session | null>();
        expectTypeOf(info).toEqualTypeOf<{ token: string }>();
        return of(session);
      },
    };
    createRoom({
      request: () => [{ token: 't' }],
      join: (_, info) => {
        expectTypeOf(info).toEqualTypeOf<{ token: string }>();
        return of(session);
      },
    });
    expect(transport.join).toBeInstanceOf(Function);
  });

  it('a transport and its link say what they must', () => {
    // @ts-expect-error a room without media says so
    const mediaUnsaid: RoomLink = { signal$: NEVER };
    // @ts-expect-error a health is up, or down
    const degraded: Health = 'degraded';
    // @ts-expect-error down is told as an object
    const down: Health = { down: false };
    // @ts-expect-error a redispatch names its endpoint
    const nowhere: ServerNotice = { kind: 'redispatch' };
    // @ts-expect-error a list of endpoints is no verdict
    const list: Verdict = { kind: 'endpoints', list: [] };
    // @ts-expect-error a transport joins
    const transport: RoomTransport = { request: () => NEVER };
    expect([mediaUnsaid, degraded, down, nowhere, list, transport].length).toBe(6);
  });

  it('O1 an unknown option does not compile, nor one of a wrong type', () => {
    // @ts-expect-error an unknown option
    const unknown: RoomOptions = { deadlin: 1 };
    // @ts-expect-error an unknown option in settle
    const settle: RoomOptions = { settle: { signl: 1 } };
    // @ts-expect-error a number of milliseconds
    const text: RoomOptions = { deadline: '40s' };
    // @ts-expect-error the attempts are somebody else's
    const derive: DeriveOptions = { schedule: () => 1 };
    expect([unknown, settle, text, derive].length).toBe(4);
  });
});
