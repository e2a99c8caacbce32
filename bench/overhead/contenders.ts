import type { SchedulerLike } from 'rxjs';
import { createRoom } from '../../lib/room/create-room.js';
import { machineRoom } from './machine.js';
import { framePipelineRoom, pipelineRoom } from './pipeline.js';
import type { Wire } from './wire.js';

/** One room, whoever made it. */
export interface BenchRoom {
  join(): void;
  leave(): void;
  /** `connected/joinSucceed`. */
  state(): string;
}

export type MakeRoom = (wire: Wire, scheduler?: SchedulerLike) => BenchRoom;

const ours: MakeRoom = (wire, scheduler) => {
  const room = createRoom({ join: () => wire.join$ }, scheduler === undefined ? {} : { scheduler });
  return {
    join: () => room.join(),
    leave: () => room.leave(),
    state: () => `${room.connectionState.state}/${String(room.connectionState.reason)}`,
  };
};

export const contenders = {
  rejoin: ours,
  'RxJS by hand': pipelineRoom,
  "RxJS by hand, at the frame's end": framePipelineRoom,
  'XState 5': machineRoom,
} as const satisfies Record<string, MakeRoom>;

export type ContenderName = keyof typeof contenders;

export const contenderNames = Object.keys(contenders) as readonly ContenderName[];
