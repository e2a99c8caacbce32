import { BehaviorSubject, Subscription, distinctUntilChanged, map, of, switchMap, take, type Observable } from 'rxjs';
import { createRoom, usersOf, type Room } from '../../../lib/index.js';
import type { UserEndpoints } from '../../server/control-api.js';
import { janusCall, type ShownLink } from '../call/janus-call.js';
import { callTransport } from '../call/transport.js';
import { emptyRecord, recordAhead, recordEvent, recordState } from '../timeline/record.js';
import { showTimeline } from '../timeline/timeline-view.js';
import { buttonsView } from './buttons-view.js';
import { element } from './element.js';
import type { Log } from './event-log.js';
import { follow } from './follow.js';
import { historyEntry, type HistoryEntry } from './history.js';
import { changeWords, errorText, logWords, nameOf } from './log-words.js';
import type { Limits } from './options.js';
import { progressView } from './progress-view.js';
import { qualityView } from './quality-view.js';
import { stageView } from './stage-view.js';
import { stateView } from './state-view.js';
import { stateSentence } from './words.js';

export interface UserSideOptions {
  readonly user: string;
  readonly room: string;
  readonly endpoints: UserEndpoints;
  /** The address of a Janus server to call over instead. */
  readonly janus: string | null;
  readonly limits: Limits;
  /** Our picture and sound; made for the first subscriber, ended after the last. */
  readonly stream$: Observable<MediaStream>;
  readonly log: Log;
  readonly announce: (text: string) => void;
  readonly onState: (entry: HistoryEntry) => void;
  readonly onAttempt: () => void;
}

/** One user: a room of the library, and everything of it that is shown. */
export function userSide(options: UserSideOptions): { readonly view: HTMLElement; join(): void } {
  const { user, endpoints, limits, stream$, log, announce } = options;
  const { janus, room: name } = options;
  const room: Room<ShownLink> =
    janus === null
      ? createRoom(
          callTransport({ user, room: name, signalUrl: endpoints.signal, tokenUrl: endpoints.token, stream$ }),
          limits,
        )
      : createRoom(janusCall({ url: janus, user, room: name, stream$ }), limits);
  const joining = new Subscription();
  /** The picture is asked for before the room: a person may take long to allow the camera. */
  const join = () => {
    joining.add(
      stream$.pipe(take(1)).subscribe({
        next: () => room.join(),
        error: (error: unknown) => log(user, 'trouble', `no picture: ${errorText(error)}`),
      }),
    );
  };

  const inCall$ = room.connectionState$.pipe(
    map(({ state }) => state !== 'disconnected' && state !== 'failed'),
    distinctUntilChanged(),
  );
  const local$ = inCall$.pipe(switchMap((inCall) => (inCall ? stream$ : of(null))));

  const status = stateView(user, room.connectionState$);
  const progress = progressView(user, room.progress$);
  const quality = qualityView(user, room.link$);
  const buttons = buttonsView(user, { room, join });
  const here$ = usersOf(room, { onError: (error) => log(user, 'trouble', errorText(error)) });
  const users$ = here$.pipe(map(({ users }) => users));
  const stage = stageView(user, { link$: room.link$, connectionState$: room.connectionState$, users$, local$ });

  const record = new BehaviorSubject(emptyRecord);
  const canvas = element('canvas', { class: 'timeline', role: 'img', 'data-testid': `${user}-timeline` });
  canvas.setAttribute(
    'aria-label',
    `The last 90 seconds of ${user}: state, signal, media and attempts. The log below has them as text.`,
  );
  showTimeline(canvas, record);

  follow(room.events$, (event) => {
    record.next(recordEvent(record.value, event));
    if (event.type === 'attempt') options.onAttempt();
    const words = logWords(event);
    if (words) log(user, words.tone, words.text);
  });
  follow(room.connectionState$, (state) => {
    const entry = historyEntry(state);
    record.next(recordState(record.value, state, entry.at));
    options.onState(entry);
    if (state.reason === null) return;
    log(user, 'state', `${state.state}/${state.reason}`);
    announce(`${user}: ${state.state}. ${stateSentence(state)}`);
  });
  follow(room.progress$, (progress) => {
    record.next(recordAhead(record.value, progress?.nextRetryAt ?? null, progress?.deadlineAt ?? null));
  });
  follow(room.errors$, ({ from, error }) => log(user, 'trouble', `${from}: ${errorText(error)}`));

  const others = element('p', { class: 'others muted' });
  follow(here$, ({ users, changes }) => {
    others.textContent = users.length === 0 ? '' : `with ${users.map(nameOf).join(', ')}`;
    for (const change of changes) log(user, 'others', changeWords(change));
  });

  const view = element(
    'section',
    { class: 'card side', 'data-user': user, 'aria-labelledby': `${user}-title` },
    element(
      'header',
      {},
      element('span', { class: 'who', 'data-user': user, 'aria-hidden': 'true' }, user),
      element('h2', { id: `${user}-title` }, `User ${user}`),
      others,
      buttons.view,
    ),
    status.view,
    element('div', { class: 'middle' }, stage.view, element('div', { class: 'facts' }, progress.view, quality.view)),
    canvas,
  );
  return { view, join };
}
