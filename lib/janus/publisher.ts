import { concatMap, defer, map, tap, type Observable } from 'rxjs';
import { restartIce } from '../webrtc/restart-ice.js';
import { inTurn } from './in-turn.js';
import { janusPeer, jsepOf, type JanusPeer, type JanusPeerOptions } from './janus-peer.js';
import type { Jsep } from './janus-request.js';

/** Our own media on its way to the server. */
export interface Publisher extends JanusPeer {
  /** Ends when the server has taken it. */
  readonly published$: Observable<unknown>;
  restart(): Observable<unknown>;
  /** After a silence: makes a restart again whose answer was lost, for the server may have taken it. */
  resync(): void;
}

/** Publishes a stream on the handle that joined. */
export function publisher(stream: MediaStream, options: Omit<JanusPeerOptions, 'run'>): Publisher {
  const run = inTurn(options.life);
  const peer = janusPeer({ ...options, run });
  const { pc } = peer;
  let unsure = false;
  const exchange = (request: 'publish' | 'configure', offer: RTCSessionDescriptionInit): Observable<Jsep> =>
    peer.ask({ request }, offer).pipe(map(jsepOf));

  for (const track of stream.getTracks()) pc.addTrack(track, stream);
  const published$ = run(
    defer(() => pc.createOffer()).pipe(
      concatMap((offer) =>
        defer(() => pc.setLocalDescription(offer)).pipe(concatMap(() => exchange('publish', offer))),
      ),
      concatMap((answer) => pc.setRemoteDescription(answer)),
    ),
  );
  const ours: Publisher = {
    ...peer,
    published$,
    restart() {
      const restart$ = restartIce(pc, (offer) => exchange('configure', offer));
      return run(restart$.pipe(tap({ error: () => (unsure = true), complete: () => (unsure = false) })));
    },
    resync() {
      if (unsure) ours.restart().subscribe({ error: options.onTrouble });
    },
  };
  return ours;
}
