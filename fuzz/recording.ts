import type {
  Attempt,
  CloseReason,
  ConnectionState,
  Progress,
  RoomError,
  RoomEvent,
  RoomSnapshot,
} from '../lib/index.js';
import type { FakeLink } from './fake-link.js';
import type { Command, Say, Script } from './script.js';

export type What =
  'request' | 'join' | 'info' | 'repair' | 'probe' | 'signal$' | 'media$' | 'notice$' | 'errors$' | 'wake$' | 'leave$';

export type State = ConnectionState<FakeLink>;
export type Snapshot = RoomSnapshot<FakeLink>;

/** Where a command is given: in an emission of the room, or inside something that the room calls. */
export type Place = 'emission' | 'request' | 'join' | 'getter' | 'health' | 'repair' | 'close';

/** A thing that happened. `owner` of a subscription is the attempt of a request or join, else the link, else 0. */
export type Happening =
  | { readonly kind: 'state'; readonly value: State }
  | { readonly kind: 'progress'; readonly value: Progress | null }
  | { readonly kind: 'snapshot'; readonly value: Snapshot }
  | { readonly kind: 'event'; readonly value: RoomEvent }
  | { readonly kind: 'error'; readonly value: RoomError }
  | {
      readonly kind: 'open';
      readonly what: What;
      readonly id: number;
      readonly owner: number;
      readonly attempt: Attempt<FakeLink> | null;
    }
  /** The end of a subscription: by its source (`ended`) or by the room. */
  | { readonly kind: 'shut'; readonly what: What; readonly id: number; readonly owner: number; readonly ended: boolean }
  /** A source speaks for the last time: the value it was asked for, a completion, or an error. */
  | {
      readonly kind: 'end';
      readonly what: What;
      readonly id: number;
      readonly owner: number;
      readonly how: 'answered' | 'completed' | 'failed';
      readonly fault: unknown;
    }
  /** A repair has asked for credentials, and got this error. */
  | { readonly kind: 'infoFailed'; readonly error: unknown }
  | { readonly kind: 'link'; readonly link: number; readonly owner: number }
  | { readonly kind: 'close'; readonly link: number; readonly why: CloseReason }
  | {
      readonly kind: 'health';
      readonly link: number;
      readonly source: 'signal' | 'media';
      readonly say: Say;
      readonly aliveAt: number | null;
      readonly heard: boolean;
    }
  | { readonly kind: 'word'; readonly link: number; readonly word: unknown; readonly heard: boolean }
  | { readonly kind: 'wake'; readonly suspendedFor: unknown; readonly heard: boolean }
  | { readonly kind: 'leaveWish'; readonly heard: boolean }
  | { readonly kind: 'sleep'; readonly ms: number }
  /** `within`: where the command is given, `null` outside of the room. */
  | { readonly kind: 'call'; readonly command: Command | 'dispose'; readonly within: Place | null }
  | {
      readonly kind: 'called';
      readonly command: Command | 'dispose';
      readonly within: Place | null;
      readonly before: State;
      readonly after: State;
    }
  /** The room judges what it was told since the frame before. */
  | { readonly kind: 'frame' }
  | { readonly kind: 'thrown'; readonly error: unknown }
  | { readonly kind: 'timer'; readonly delay: number }
  | {
      readonly kind: 'asked';
      readonly position: number;
      readonly answer: unknown;
      readonly threw: boolean;
      readonly remaining: number;
    }
  /** The end of an instant: nothing more happens at this time. */
  | { readonly kind: 'instant'; readonly state: State; readonly timers: number; readonly open: number }
  /** Nothing is scheduled any more. */
  | { readonly kind: 'rest'; readonly state: State }
  /** All is over; the room was told to leave and nothing is scheduled any more. */
  | { readonly kind: 'over'; readonly timers: number; readonly open: number };

/** `at` is the virtual time, `wall` the clock that the device shows, `seq` the order. */
export type Entry = Happening & { readonly seq: number; readonly at: number; readonly wall: number };

export type Stream = 'state' | 'progress' | 'link' | 'snapshot' | 'events';

/** What one subscriber saw; `from` is the `seq` at which it came. The first of each stream was there from the start. */
export interface Sight {
  readonly stream: Stream;
  readonly from: number;
  readonly seen: { readonly seq: number; readonly value: unknown }[];
}

export interface Recording {
  readonly script: Script;
  readonly entries: readonly Entry[];
  readonly sights: readonly Sight[];
  /** More was done than any script can ask for: the script was cut off. */
  readonly overrun: boolean;
}
