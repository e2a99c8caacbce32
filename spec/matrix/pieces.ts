import { concat, delay, NEVER, of, Subject, switchMap, throwError, timer, type Observable } from 'rxjs';
import * as rejoin from '../../lib/index.js';
import type { AttemptContext, Health, Room, RoomLink } from '../../lib/index.js';
import type { Watch } from './watch.js';

/** The places of a public function that a value can be put in. */
export type Places = Readonly<Record<string, (value: unknown, watch: Watch) => void>>;

type Loose = (...args: readonly unknown[]) => unknown;
type Members = Readonly<Record<string, unknown>>;

/** A public function without its types. */
export const loose = (call: unknown): Loose => call as Loose;

/** A place for options as a whole, and one for each that is named. */
export const optionsOf = (names: readonly string[], use: (options: unknown, watch: Watch) => void, valid: Members = {}): Places =>
  Object.fromEntries([
    ['options', use] as const,
    ...names.map((name) => [`options.${name}`, (value: unknown, watch: Watch) => use(put(valid, name, value), watch)] as const),
  ]);

/** `put({ settle: { media: 0 } }, 'settle.signal', 5)`. */
export function put(into: Members, path: string, value: unknown): Members {
  const [name = '', ...rest] = path.split('.');
  const inside = rest.length === 0 ? value : put((into[name] ?? {}) as Members, rest.join('.'), value);
  return { ...into, [name]: inside };
}

const up$ = concat(of<Health>('up'), NEVER);
const soon = <T>(value: T): Observable<T> => concat(of(value).pipe(delay(50)), NEVER);
const dips$ = concat(of<Health>('up'), of<Health>({ down: true }).pipe(delay(100)), NEVER);

/** A room's life: media is lost, repaired without success, and joined again; then that link ends too. */
function transportOf(link: Members = {}): Members {
  let joins = 0;
  const join = (): Observable<unknown> => {
    joins += 1;
    const parts = { signal$: up$, media$: joins === 1 ? dips$ : up$, probe: () => of('alive'), close: () => undefined, ...link };
    const end$ = joins === 2 ? timer(1_000).pipe(switchMap(() => throwError(() => new Error('lost')))) : NEVER;
    return concat(of(parts), end$);
  };
  return { request: () => of('info'), join, repair: () => timer(20).pipe(switchMap(() => throwError(() => new Error('refused')))) };
}

const linkMembers = ['signal$', 'media$', 'notice$', 'users$', 'errors$', 'probe', 'close'];
const derived = [
  'name', 'deadline', 'joinDeadline', 'stableAfter', 'settle', 'settle.signal', 'settle.media', 'probeLimit', 'probeHold',
  'wake$', 'leave$', 'scheduler',
];
const roomOptions = [
  ...derived, 'schedule', 'attemptLimit', 'openingLimit', 'lastChanceFrom', 'wakeFloor', 'endpoints', 'random',
];

const roomPlaces = (create: Loose): Places => {
  const withOptions = (options: unknown, watch: Watch): void => watch.see(create(transportOf(), options));
  const withTransport = (transport: unknown, watch: Watch): void => watch.see(create(transport));
  return {
    transport: withTransport,
    ...Object.fromEntries(
      ['join', 'request', 'repair', 'classify'].flatMap((name) => [
        [`transport.${name}`, (value: unknown, watch: Watch) => withTransport({ ...transportOf(), [name]: value }, watch)],
        [`what ${name} gives`, (value: unknown, watch: Watch) => withTransport({ ...transportOf(), [name]: () => value }, watch)],
      ]),
    ),
    'what request emits': (value, watch) => withTransport({ ...transportOf(), request: () => of(value) }, watch),
    'what repair throws': (value, watch) => withTransport({ ...transportOf(), repair: () => throwError(() => value) }, watch),
    'what join throws': (value, watch) => withTransport({ ...transportOf(), join: () => throwError(() => value) }, watch),
    link: (value, watch) => withTransport({ join: () => soon(value) }, watch),
    ...Object.fromEntries(
      linkMembers.flatMap((name) => [
        [`link.${name}`, (value: unknown, watch: Watch) => withTransport(transportOf({ [name]: value }), watch)],
        [`what link.${name} gives`, (value: unknown, watch: Watch) =>
          withTransport(transportOf({ [name]: name.endsWith('$') ? soon(value) : () => value }), watch)],
      ]),
    ),
    ...optionsOf(roomOptions, withOptions),
    'what wake$ emits': (value, watch) => withOptions({ wake$: soon(value) }, watch),
    'what leave$ emits': (value, watch) => withOptions({ leave$: soon(value) }, watch),
    'what schedule answers': (value, watch) => withOptions({ schedule: () => value }, watch),
    'what random answers': (value, watch) => withOptions({ random: () => value }, watch),
  };
};

const roomOf = (link: Members = {}): Room<RoomLink> =>
  loose(rejoin.createRoom)(transportOf(link)) as Room<RoomLink>;

const joined = (room: Room<RoomLink>, watch: Watch): Room<RoomLink> => {
  watch.see(room);
  return room;
};

const context: AttemptContext = {
  position: 2,
  error: new Error('down'),
  verdict: { kind: 'busy', retryAfter: 100 },
  busyCount: 1,
  sinceUnreachable: 0,
  elapsed: 100,
  remaining: 1_000,
  random: () => 0.5,
};

/** Makes a schedule and asks it once. */
const asked = (schedule: unknown): void => void loose(schedule)(context);

const failing$ = (): Observable<unknown> => timer(10).pipe(switchMap(() => throwError(() => new Error('down'))));
const through = (source: Observable<unknown>, operator: unknown, watch: Watch): void =>
  watch.see(source.pipe(operator as (source: Observable<unknown>) => Observable<unknown>));

const recovering = (options: unknown, watch: Watch): void => through(failing$(), loose(rejoin.reconnect)(options), watch);
const beating = (options: unknown, watch: Watch): void => through(soon('hello'), loose(rejoin.heartbeat)(options), watch);
const settling = (duration: unknown, options: unknown, watch: Watch): void =>
  through(soon('a'), loose(rejoin.settle)(duration, options), watch);

/** The public functions of `rejoin`, each with the places of its parameters. */
export const pieces: Readonly<Record<string, Places>> = {
  createRoom: roomPlaces(loose(rejoin.createRoom)),
  roomConnection: roomPlaces(loose(rejoin.roomConnection)),
  deriveConnectionState: {
    sources: (value, watch) => watch.see(loose(rejoin.deriveConnectionState)(value)),
    ...Object.fromEntries(
      linkMembers.flatMap((name) => [
        [`sources.${name}`, (value: unknown, watch: Watch) =>
          watch.see(loose(rejoin.deriveConnectionState)({ signal$: up$, media$: dips$, [name]: value }))],
        [`what sources.${name} gives`, (value: unknown, watch: Watch) =>
          watch.see(
            loose(rejoin.deriveConnectionState)({
              signal$: up$,
              media$: dips$,
              [name]: name.endsWith('$') ? soon(value) : () => value,
            }),
          )],
      ]),
    ),
    ...optionsOf(derived, (options, watch) =>
      watch.see(loose(rejoin.deriveConnectionState)({ signal$: up$, media$: dips$ }, options)),
    ),
  },
  usersOf: {
    ...optionsOf(['onError'], (options, watch) =>
      watch.see(loose(rejoin.usersOf)(joined(roomOf({ users$: soon('no report') }), watch), options)),
    ),
    'what users$ emits': (value, watch) => {
      const complaints = new Subject<unknown>();
      watch.see(complaints);
      const options = { onError: (error: unknown) => complaints.next(error) };
      watch.see(loose(rejoin.usersOf)(joined(roomOf({ users$: soon(value) }), watch), options));
    },
  },
  whenConnected: {
    room: (value, watch) => watch.see(loose(rejoin.whenConnected)(value)),
    ...optionsOf(['signal'], (options, watch) => watch.see(loose(rejoin.whenConnected)(joined(roomOf(), watch), options))),
  },
  reconnect: {
    ...optionsOf(
      ['schedule', 'deadline', 'attemptLimit', 'stableAfter', 'lastChanceFrom', 'classify', 'scheduler', 'random'],
      recovering,
    ),
    'what schedule answers': (value, watch) => recovering({ schedule: () => value }, watch),
    'what random answers': (value, watch) => recovering({ random: () => value }, watch),
    'what classify gives': (value, watch) => recovering({ classify: () => value }, watch),
  },
  heartbeat: {
    ...optionsOf(['ping', 'every', 'timeout', 'grace', 'upAtOnce', 'scheduler'], beating, { ping: () => undefined }),
    'what ping gives': (value, watch) => beating({ ping: () => value, every: 100 }, watch),
  },
  settle: {
    duration: (value, watch) => settling(value, {}, watch),
    'what duration answers': (value, watch) => settling(() => value, {}, watch),
    'what same answers': (value, watch) => settling(() => 10, { same: () => value }, watch),
    ...optionsOf(['same', 'scheduler'], (options, watch) => settling(() => 10, options, watch)),
  },
  hedged: {
    openings: (value, watch) => watch.see(loose(rejoin.hedged)(value)),
    'openings[0]': (value, watch) => watch.see(loose(rejoin.hedged)([value])),
    'what an opening gives': (value, watch) => watch.see(loose(rejoin.hedged)([() => value, () => value])),
    ...optionsOf(['after', 'scheduler'], (options, watch) => watch.see(loose(rejoin.hedged)([() => NEVER, () => up$], options))),
  },
  combineHealth: {
    sources: (value, watch) => watch.see(loose(rejoin.combineHealth)(value)),
    'sources[0]': (value, watch) => watch.see(loose(rejoin.combineHealth)([value, up$])),
    'what a source emits': (value, watch) => watch.see(loose(rejoin.combineHealth)([soon(value), up$])),
    ...optionsOf(['scheduler'], (options, watch) => watch.see(loose(rejoin.combineHealth)([up$], options))),
  },
  spaced: { ms: (value) => asked(loose(rejoin.spaced)(value)) },
  exponential: optionsOf(['first', 'factor'], (options) => asked(loose(rejoin.exponential)(options))),
  times: { count: (value) => asked(loose(rejoin.times)(value)) },
  both: { 'a schedule': (value) => void loose(rejoin.both)(rejoin.spaced(1), value) },
  either: { 'a schedule': (value) => void loose(rejoin.either)(rejoin.spaced(1), value) },
  capped: {
    max: (value) => asked(loose(rejoin.capped)(value, rejoin.spaced(1))),
    schedule: (value) => void loose(rejoin.capped)(5, value),
  },
  jittered: {
    schedule: (value) => void loose(rejoin.jittered)(value),
    ...optionsOf(['from', 'to'], (options) => asked(loose(rejoin.jittered)(rejoin.spaced(1), options))),
  },
  honouringServer: {
    schedule: (value) => void loose(rejoin.honouringServer)(value),
    ...optionsOf(['spread'], (options) => asked(loose(rejoin.honouringServer)(rejoin.spaced(1), options))),
  },
  foldUsers: {
    users: (value) => void loose(rejoin.foldUsers)(value, { type: 'joined', user: { id: 'ann' } }),
    report: (value) => void loose(rejoin.foldUsers)([{ id: 'ann' }], value),
  },
  countdownOf: {
    room: (value, watch) => watch.see(loose(rejoin.countdownOf)(value)),
    'what progress$ emits': (value, watch) => watch.see(loose(rejoin.countdownOf)({ progress$: soon(value) })),
    ...optionsOf(['scheduler'], (options, watch) => watch.see(loose(rejoin.countdownOf)(joined(roomOf(), watch), options))),
  },
  logRoom: {
    room: (value) => void loose(rejoin.logRoom)(value, { log: () => undefined }),
    ...optionsOf(['name', 'log'], (options, watch) => void loose(rejoin.logRoom)(joined(roomOf(), watch), { log: () => undefined, ...(options as object) })),
  },
  down: { aliveAt: (value) => void loose(rejoin.down)(value) },
  'notices and verdicts': {
    'kicked, message': (value) => void loose(rejoin.notices.kicked)(value),
    'redispatch, endpoint': (value) => void loose(rejoin.notices.redispatch)(value),
    'endpoints, list': (value) => void loose(rejoin.notices.endpoints)(value),
    'busy, retryAfter': (value) => void loose(rejoin.verdicts.busy)(value),
  },
  sameHealth: {
    a: (value) => void loose(rejoin.sameHealth)(value, 'up'),
    b: (value) => void loose(rejoin.sameHealth)('up', value),
  },
  stateOfCode: { code: (value) => void loose(rejoin.stateOfCode)(value) },
  reasonOfCode: { code: (value) => void loose(rejoin.reasonOfCode)(value) },
};

/** What takes no value from a program, or is made by the library alone. */
export const withoutPlaces: readonly string[] = [
  'browserLeave',
  'browserWake',
  'immediate',
  'giveUp',
  // Schedules: the room asks them, with a context of its own.
  'defaultSchedule',
  'whenBusy',
  'whenUnreachable',
  // Folds healths that were checked before.
  'worstHealth',
];
