import { asyncScheduler, NEVER, of, Subscription, throwError, type Observable } from 'rxjs';
import { feeds, type Feeds } from '../../lib/janus/feeds.js';
import { JanusEndedError } from '../../lib/janus/index.js';
import type { PeerLike } from '../../lib/janus/janus-peer.js';
import type { JanusRequest, RoomRequest } from '../../lib/janus/janus-request.js';
import type { Answer, JanusSession } from '../../lib/janus/janus-session.js';
import { fakePeer } from './fake-peer.js';

/** What was done is done after a few turns of the promises that a peer connection gives. */
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

interface Bench {
  readonly theirs: Feeds;
  /** What the session was asked and told, by name. */
  readonly asked: string[];
  readonly closed: () => number;
  /** What `configure` is answered. */
  answer: Observable<Answer>;
}

const offer = {
  janus: 'event',
  room: { streams: [{ mid: '0', active: true, feed: 7, feedMid: '0' }] },
  jsep: { type: 'offer', sdp: 'v=0' },
} as unknown as Answer;

describe('feeds', () => {
  let life = new Subscription();
  beforeEach(() => (life = new Subscription()));
  afterEach(() => life.unsubscribe());

  const bench = (): Bench => {
    const asked: string[] = [];
    let closed = 0;
    let handles = 0;
    const made: { answer: Observable<Answer> } = { answer: of(offer) };
    const session = {
      news$: NEVER,
      attach: () => {
        asked.push('attach');
        return of(++handles);
      },
      ask: ({ body }: { readonly body: RoomRequest }) => {
        asked.push(body.request);
        if (body.request === 'configure') return made.answer;
        return of(body.request === 'start' ? ({ janus: 'event', room: {} } as unknown as Answer) : offer);
      },
      tell: ({ janus, handle_id }: JanusRequest & { readonly handle_id?: number }) =>
        asked.push(`${janus} ${String(handle_id)}`),
      doubt: () => undefined,
      atEnd: () => undefined,
    } as unknown as JanusSession;
    const close = (): void => {
      closed += 1;
    };
    const makePeer = (): PeerLike => fakePeer({ close });
    const theirs = feeds({
      session,
      life,
      scheduler: asyncScheduler,
      watch: {},
      makePeer,
      join: () => ({ request: 'join', ptype: 'subscriber', room: 1, streams: [] }),
      onPeer: () => undefined,
      isLate: () => false,
      onTrouble: () => undefined,
    });
    return Object.assign(made, { theirs, asked, closed: () => closed });
  };

  const lost = throwError(() => new JanusEndedError('lost'));

  it('R1 a restart is an offer of the server, over the handle that there is', async () => {
    const { theirs, asked, closed } = bench();
    theirs.add(7, ['0']);
    await soon();
    theirs.restart();
    await soon();
    expect(asked).toEqual(['attach', 'join', 'start', 'configure', 'start']);
    expect(closed()).toBe(0);
  });

  it('R1 one whose offer was lost with a socket is made again on a fresh handle: the server waits for an answer', async () => {
    const made = bench();
    made.theirs.add(7, ['0']);
    await soon();
    made.answer = lost;
    const failures: unknown[] = [];
    made.theirs.restart().subscribe({ error: (error: unknown) => failures.push(error) });
    await soon();
    expect(failures).toEqual([new JanusEndedError('lost')]);
    made.asked.length = 0;
    made.theirs.restart();
    await soon();
    expect(made.asked).toEqual(['detach 1', 'attach', 'join', 'start']);
    expect(made.closed()).toBe(1);
  });

  it('R1 the claim after it does so as well, and nothing more after that', async () => {
    const made = bench();
    made.theirs.add(7, ['0']);
    await soon();
    made.answer = lost;
    made.theirs.restart();
    await soon();
    made.asked.length = 0;
    made.theirs.resync([7]);
    await soon();
    expect(made.asked).toEqual(['detach 1', 'attach', 'join', 'start']);
    made.theirs.resync([7]);
    await soon();
    expect(made.asked.length).toBe(4);
  });
});
