import { Subscription } from 'rxjs';
import { openCall, type Call } from './call.js';
import { openEchoCall, type EchoCall } from './echo-call.js';
import { openMember, type Member, type ServerKind } from './member.js';
import { openPeers, type Peers } from './peers.js';
import { openRaw, type Raw } from './raw.js';
import type { Situation } from '../situation.js';

/** What the laboratory calls in a page. */
export interface Lab {
  openCall(user: string, room: string, situation: Situation): Call;
  /** The call that was opened here. */
  mine(): Call;
  openMember(server: ServerKind, user: string, room: string): Member;
  /** The member that was opened here. */
  member(): Member;
  /** Whose instances the devtools count. */
  readonly Subscription: typeof Subscription;
  openRaw(situation: Situation): Raw;
  /** The connection without a room that was opened here. */
  raw(): Raw;
  openEchoCall(situation: Situation): EchoCall;
  /** The call with the echo test that was opened here. */
  echoCall(): EchoCall;
  openPeers(): Peers;
  /** The peers that were opened here. */
  others(): Peers;
}

declare global {
  interface Window {
    lab: Lab;
  }
}

let call: Call | null = null;
let member: Member | null = null;
let raw: Raw | null = null;
let echoCall: EchoCall | null = null;
let peers: Peers | null = null;

window.lab = {
  openCall: (user, room, situation) => (call = openCall(user, room, situation)),
  mine: () => opened(call),
  openMember: (server, user, room) => (member = openMember(server, user, room)),
  member: () => opened(member),
  Subscription,
  openRaw: (situation) => (raw = openRaw(situation)),
  raw: () => opened(raw),
  openEchoCall: (situation) => (echoCall = openEchoCall(situation)),
  echoCall: () => opened(echoCall),
  openPeers: () => (peers = openPeers()),
  others: () => opened(peers),
};

function opened<T>(what: T | null): T {
  if (what === null) throw new Error('nothing was opened in this page');
  return what;
}
