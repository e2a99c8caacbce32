import { Subscription } from 'rxjs';
import { openCall, type Call } from './call.js';
import { openMember, type Member, type ServerKind } from './member.js';
import { openPeers, type Peers } from './peers.js';
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
let peers: Peers | null = null;

window.lab = {
  openCall: (user, room, situation) => (call = openCall(user, room, situation)),
  mine: () => opened(call),
  openMember: (server, user, room) => (member = openMember(server, user, room)),
  member: () => opened(member),
  Subscription,
  openPeers: () => (peers = openPeers()),
  others: () => opened(peers),
};

function opened<T>(what: T | null): T {
  if (what === null) throw new Error('nothing was opened in this page');
  return what;
}
