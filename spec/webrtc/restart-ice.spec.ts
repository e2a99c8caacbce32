import { expectTypeOf } from 'expect-type';
import { defer, EMPTY, lastValueFrom, NEVER, of, Subject, throwError } from 'rxjs';
import { IceRestartError } from '../../lib/webrtc/ice-restart-error.js';
import { restartIce } from '../../lib/webrtc/restart-ice.js';
import type { Observable } from 'rxjs';
import type { RestartablePeer } from '../../lib/webrtc/restart-ice.js';

const offer: RTCSessionDescriptionInit = { type: 'offer', sdp: 'offer' };
const answer: RTCSessionDescriptionInit = { type: 'answer', sdp: 'answer' };

/** A stable connection that writes down what is done to it. */
class FakePeer implements RestartablePeer {
  signalingState = 'stable';
  readonly deeds: string[] = [];
  refuses: string | undefined;

  createOffer(options: object): Promise<RTCSessionDescriptionInit> {
    return this.#does(`createOffer ${JSON.stringify(options)}`, offer);
  }

  setLocalDescription({ type }: RTCSessionDescriptionInit): Promise<void> {
    return this.#does(`local ${type}`, undefined);
  }

  setRemoteDescription({ type }: RTCSessionDescriptionInit): Promise<void> {
    return this.#does(`remote ${type}`, undefined);
  }

  #does<T>(deed: string, result: T): Promise<T> {
    this.deeds.push(deed);
    return deed === this.refuses ? Promise.reject(new Error(`refused: ${deed}`)) : Promise.resolve(result);
  }
}

/** Promises are at work here: everything that is due has happened after this. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const created = 'createOffer {"iceRestart":true}';
const run = (restart: Observable<never>): Promise<unknown> => lastValueFrom(restart, { defaultValue: 'done' });

describe('restartIce', () => {
  it('H12 sets the local description only when the answer is at hand, then the remote one', async () => {
    const pc = new FakePeer();
    const answers = new Subject<RTCSessionDescriptionInit>();
    const offers: unknown[] = [];
    const restart = run(restartIce(pc, (sent) => (offers.push(sent), answers)));
    await settled();
    expect(pc.deeds).toEqual([created]);
    expect(offers).toEqual([offer]);
    answers.next(answer);
    expect(answers.observed).toBeFalse();
    expect(await restart).toBe('done');
    expect(pc.deeds).toEqual([created, 'local offer', 'remote answer']);
  });

  it('takes the answer as a promise, too', async () => {
    expect(await run(restartIce(new FakePeer(), () => Promise.resolve(answer)))).toBe('done');
  });

  it('does nothing before it is subscribed, and one restart a subscription', async () => {
    const pc = new FakePeer();
    const restart = restartIce(pc, () => of(answer));
    expect(pc.deeds).toEqual([]);
    await run(restart);
    await run(restart);
    expect(pc.deeds.filter((deed) => deed === created).length).toBe(2);
  });

  describe('leaves the connection untouched', () => {
    it('H12 when unsubscribed while the offer travels, or while it is made', async () => {
      const travelling = new FakePeer();
      let given = 0;
      const exchange = (): Observable<never> => defer(() => NEVER);
      const first = restartIce(travelling, exchange).subscribe();
      await settled();
      first.unsubscribe();
      const making = new FakePeer();
      restartIce(making, () => ((given += 1), NEVER)).subscribe().unsubscribe();
      await settled();
      expect([travelling.deeds, making.deeds, given]).toEqual([[created], [created], 0]);
    });

    it('when another negotiation is under way at the start', async () => {
      const pc = Object.assign(new FakePeer(), { signalingState: 'have-local-offer' });
      const text = 'another negotiation is under way: the signaling state is have-local-offer';
      await expectAsync(run(restartIce(pc, () => of(answer)))).toBeRejectedWith(new IceRestartError('not stable', 'have-local-offer'));
      await expectAsync(run(restartIce(pc, () => of(answer)))).toBeRejectedWithError(IceRestartError, text);
      expect(pc.deeds).toEqual([]);
    });

    it('when another one began while the offer travelled', async () => {
      const pc = new FakePeer();
      const exchange = (): Observable<RTCSessionDescriptionInit> => {
        pc.signalingState = 'have-remote-offer';
        return of(answer);
      };
      await expectAsync(run(restartIce(pc, exchange))).toBeRejectedWith(new IceRestartError('not stable', 'have-remote-offer'));
      expect(pc.deeds).toEqual([created]);
    });

    it('when the exchange fails, throws, or ends without an answer', async () => {
      const pc = new FakePeer();
      const refused = new Error('refused');
      const throwing = (): never => {
        throw refused;
      };
      await expectAsync(run(restartIce(pc, () => throwError(() => refused)))).toBeRejectedWith(refused);
      await expectAsync(run(restartIce(pc, throwing))).toBeRejectedWith(refused);
      await expectAsync(run(restartIce(pc, () => EMPTY))).toBeRejectedWith(new IceRestartError('no answer', 'stable'));
      expect(pc.deeds).toEqual([created, created, created]);
    });

    it('when no offer can be made, or it is out of date', async () => {
      for (const refuses of [created, 'local offer']) {
        const pc = Object.assign(new FakePeer(), { refuses });
        await expectAsync(run(restartIce(pc, () => of(answer)))).toBeRejectedWithError(`refused: ${refuses}`);
        expect(pc.deeds).not.toContain('remote answer');
      }
    });

    it('when the answer is refused: it rolls back, and tells what the answer met', async () => {
      const pc = Object.assign(new FakePeer(), { refuses: 'remote answer' });
      await expectAsync(run(restartIce(pc, () => of(answer)))).toBeRejectedWithError('refused: remote answer');
      expect(pc.deeds).toEqual([created, 'local offer', 'remote answer', 'local rollback']);
    });
  });

  it('finishes what it began when unsubscribed after the answer', async () => {
    const pc = new FakePeer();
    const answers = new Subject<RTCSessionDescriptionInit>();
    const subscription = restartIce(pc, () => answers).subscribe();
    await settled();
    answers.next(answer);
    subscription.unsubscribe();
    await settled();
    expect(pc.deeds).toEqual([created, 'local offer', 'remote answer']);
  });

  it('fits the RTCPeerConnection of the platform', () => {
    expectTypeOf<RTCPeerConnection>().toExtend<RestartablePeer>();
    expectTypeOf(restartIce).returns.toEqualTypeOf<Observable<never>>();
    // @ts-expect-error: without an exchange there is no answer
    expect(() => restartIce(new FakePeer())).toThrow(
      new TypeError('restartIce: exchange must be a function, got undefined'),
    );
  });
});
