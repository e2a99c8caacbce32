import { concatMap, defer, map, type Observable } from 'rxjs';
import { restartIce } from '../webrtc/restart-ice.js';
import { inTurn } from './in-turn.js';
import { janusPeer, jsepOf, type JanusPeer, type JanusPeerOptions } from './janus-peer.js';
import type { Jsep } from './janus-request.js';

/** Our own media on its way to the server. */
export interface Publisher extends JanusPeer {
  /** Ends when the server has taken it. */
  readonly published$: Observable<unknown>;
  restart(): Observable<unknown>;
}

/** Publishes a stream on the handle that joined. */
export function publisher(stream: MediaStream, options: Omit<JanusPeerOptions, 'run'>): Publisher {
  const run = inTurn(options.life);
  const peer = janusPeer({ ...options, run });
  const { pc } = peer;
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
      return run(restartIce(pc, (offer) => exchange('configure', offer)));
    },
  };
  return ours;
}
