import { mergeMap, type OperatorFunction } from 'rxjs';
import { healthOf, type Health } from '../core/machine/health.js';

/** Lets healths through, as plain values; what is no health says nothing about the source. */
export const onlyHealths = (): OperatorFunction<unknown, Health> =>
  mergeMap((value) => {
    const read = healthOf(value);
    return read === null ? [] : [read.health];
  });
