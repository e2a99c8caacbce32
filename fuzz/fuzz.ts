import fc from 'fast-check';
import { cover, type Coverage } from './coverage.js';
import { check, type Violation } from './invariants.js';
import { play } from './play.js';
import type { Recording } from './recording.js';
import { scripts, type Script } from './script.js';

export interface FuzzOptions {
  readonly runs: number;
  readonly seed: number;
  /** Where a violation was found, as fast-check tells it. */
  readonly path?: string;
}

export interface FuzzResult {
  readonly runs: number;
  readonly coverage: Coverage;
  readonly failure: null | {
    readonly seed: number;
    readonly path: string;
    readonly recording: Recording;
    readonly violations: readonly Violation[];
  };
}

/** Plays random scripts until one breaks an invariant, which is shrunk, or all are played. */
export function fuzz({ runs, seed, path }: FuzzOptions): FuzzResult {
  const coverage: Coverage = new Map();
  let failed: string | null = null;

  const holds = (script: Script): boolean => {
    const recording = play(script);
    const shrinking = failed !== null;
    if (!shrinking) cover(coverage, recording);
    const violations = check(recording);
    // Shrink towards the violation that was found, not towards another.
    const broken = violations.find(({ invariant }) => failed === null || invariant === failed);
    if (broken === undefined) return true;
    failed = broken.invariant;
    return false;
  };

  const limit = Error.stackTraceLimit;
  // The stacks of errors that the scripts ask for would be most of the work.
  Error.stackTraceLimit = 0;
  try {
    const details = fc.check(fc.property(scripts, holds), {
      numRuns: runs,
      seed,
      ...(path === undefined ? {} : { path }),
    });
    const script = details.counterexample?.[0];
    if (details.failed && script === undefined)
      throw details.errorInstance ?? new Error('fast-check failed without a script');
    if (script === undefined) return { runs: details.numRuns, coverage, failure: null };
    const recording = play(script);
    return {
      runs: details.numRuns,
      coverage,
      failure: { seed: details.seed, path: details.counterexamplePath ?? '', recording, violations: check(recording) },
    };
  } finally {
    Error.stackTraceLimit = limit;
  }
}
