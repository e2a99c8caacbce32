import { Subscription, combineLatest, distinctUntilChanged, of, switchMap, type Observable } from 'rxjs';
import type { ConnectionState } from '../../../lib/index.js';
import type { ShownLink, ShownUser } from '../call/janus-call.js';
import { element } from './element.js';
import { follow } from './follow.js';
import { nameOf } from './log-words.js';

export interface StageSources {
  readonly link$: Observable<ShownLink | null>;
  readonly connectionState$: Observable<ConnectionState<ShownLink>>;
  /** The others in the room. */
  readonly users$: Observable<readonly ShownUser[]>;
  /** Our own picture, while there is one. */
  readonly local$: Observable<MediaStream | null>;
}

/** The other's picture, ours in its corner, and what is to be said when there is none. */
export function stageView(user: string, { link$, connectionState$, users$, local$ }: StageSources) {
  // The other's tone is not for everybody's ears: sound is on request.
  const remote = element('video', { class: 'remote', playsinline: '', 'data-testid': `${user}-remote` });
  const local = element('video', { class: 'local', playsinline: '', 'data-testid': `${user}-local` });
  remote.muted = true;
  local.muted = true;
  remote.setAttribute('aria-label', `what ${user} sees`);
  local.setAttribute('aria-label', `${user}'s own picture`);
  const note = element('p', { class: 'stage-note' });
  const sound = element('button', { type: 'button', class: 'sound quiet', 'aria-pressed': 'false' }, 'Sound off');
  const view = element('div', { class: 'stage' }, remote, note, local, sound);

  sound.addEventListener('click', () => {
    remote.muted = !remote.muted;
    sound.textContent = remote.muted ? 'Sound off' : 'Sound on';
    sound.setAttribute('aria-pressed', String(!remote.muted));
  });

  const remote$ = link$.pipe(switchMap((link) => link?.remote$ ?? of(null)));
  const flows$ = link$.pipe(
    switchMap((link) => link?.flows$ ?? of(false)),
    distinctUntilChanged(),
  );
  const subscription = new Subscription();
  subscription.add(follow(local$, (stream) => showStream(local, stream)));
  subscription.add(follow(remote$.pipe(distinctUntilChanged()), (stream) => showStream(remote, stream)));
  subscription.add(
    follow(combineLatest([connectionState$, users$, remote$, flows$]), ([{ state }, users, stream, flows]) => {
      view.dataset['flows'] = String(flows);
      const text = stageNote(state, users, stream !== null, flows);
      note.textContent = text;
      note.hidden = text === '';
    }),
  );
  return { view, subscription };
}

function stageNote(
  state: ConnectionState['state'],
  [other]: readonly ShownUser[],
  hasPicture: boolean,
  flows: boolean,
): string {
  if (state === 'disconnected' || state === 'failed') return 'Not in the call';
  if (state === 'connecting') return 'Joining';
  if (flows) return '';
  if (state === 'reconnecting') return hasPicture ? 'Holding the last picture' : 'Coming back';
  if (!other) return 'Nobody else is here';
  return hasPicture ? `Nothing arrives from ${nameOf(other)}` : `Waiting for ${nameOf(other)}’s picture`;
}

function showStream(video: HTMLVideoElement, stream: MediaStream | null): void {
  if (video.srcObject === stream) return;
  video.srcObject = stream;
  // Refused autoplay, or a source that was taken away while it began: the element simply stays still.
  if (stream) video.play().catch(() => undefined);
}
