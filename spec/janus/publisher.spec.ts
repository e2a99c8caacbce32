import { asyncScheduler, NEVER, of, Subscription, throwError, type Observable } from 'rxjs';
import { JanusEndedError } from '../../lib/janus/index.js';
import type { RoomRequest } from '../../lib/janus/janus-request.js';
import type { Answer, JanusSession } from '../../lib/janus/janus-session.js';
import { publisher } from '../../lib/janus/publisher.js';
import { fakePeer } from './fake-peer.js';

/** What was done is done after a few turns of the promises that a peer connection gives. */
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

const answered = of({ janus: 'event', room: {}, jsep: { type: 'answer', sdp: 'v=0' } } as unknown as Answer);
const lost = throwError(() => new JanusEndedError('lost'));

describe('publisher', () => {
  let life = new Subscription();
  beforeEach(() => (life = new Subscription()));
  afterEach(() => life.unsubscribe());

  it('R1 a restart whose answer was lost with a socket is made again after the claim, and only then', async () => {
    const asked: string[] = [];
    const done: string[] = [];
    let answer: Observable<Answer> = answered;
    const session = {
      news$: NEVER,
      ask: ({ body }: { readonly body: RoomRequest }) => {
        asked.push(body.request);
        return answer;
      },
      doubt: () => undefined,
      atEnd: () => undefined,
    } as unknown as JanusSession;
    const pc = fakePeer({
      setLocalDescription: () => Promise.resolve(void done.push('local')),
      setRemoteDescription: () => Promise.resolve(void done.push('remote')),
    });
    const stream = { getTracks: () => [] } as unknown as MediaStream;
    const ours = publisher(stream, {
      session,
      handle: 1,
      pc,
      life,
      watch: {},
      scheduler: asyncScheduler,
      late: false,
      onTrouble: () => undefined,
    });
    await soon();
    ours.resync();
    await soon();
    expect(asked).toEqual(['publish']);

    answer = lost;
    ours.restart();
    await soon();
    expect(asked).toEqual(['publish', 'configure']);
    expect(done).toEqual(['local', 'remote']); // of the publishing
    answer = answered;
    ours.resync();
    await soon();
    expect(asked).toEqual(['publish', 'configure', 'configure']);
    expect(done).toEqual(['local', 'remote', 'local', 'remote']);
    ours.resync();
    await soon();
    expect(asked.length).toBe(3);
  });
});
