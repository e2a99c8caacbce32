import { writeFileSync } from 'node:fs';

/** What the driver reads. `running` names the spec in progress, so that a hung or crashed run says where it was. */
export interface SpecReport {
  passed: number;
  failed: number;
  /** Pending and excluded specs. */
  skipped: number;
  running: string | null;
  done: boolean;
}

/**
 * A Jasmine reporter: prints failures in full and one closing line, and keeps the counts as JSON in the file that
 * SPEC_REPORT names. The file is written at the start of every spec.
 */
export default class SpecReporter implements jasmine.CustomReporter {
  private readonly report: SpecReport = { passed: 0, failed: 0, skipped: 0, running: null, done: false };
  private readonly startedAt = Date.now();

  specStarted(spec: jasmine.SpecResult): void {
    this.report.running = spec.fullName;
    this.write();
  }

  specDone(spec: jasmine.SpecResult): void {
    if (spec.status === 'passed') this.report.passed++;
    else if (spec.status === 'failed') this.fail(spec.fullName, spec.failedExpectations);
    else this.report.skipped++;
    this.report.running = null;
  }

  suiteDone(suite: jasmine.SuiteResult): void {
    if (suite.failedExpectations.length > 0)
      this.fail(`${suite.fullName} (outside its specs)`, suite.failedExpectations);
  }

  jasmineDone(run: jasmine.JasmineDoneInfo): void {
    if (run.failedExpectations.length > 0) this.fail('outside any suite', run.failedExpectations);
    if (this.report.failed === 0 && run.overallStatus === 'failed') this.fail('the run as a whole', []);
    this.report.done = true;
    this.write();
    const { passed, failed, skipped } = this.report;
    const seconds = ((Date.now() - this.startedAt) / 1000).toFixed(1);
    const seed = failed > 0 ? `, repeat this order with --seed=${run.order.seed}` : '';
    console.log(`${passed} specs passed, ${failed} failed, ${skipped} skipped in ${seconds} s${seed}`);
  }

  private fail(title: string, failures: readonly jasmine.FailedExpectation[]): void {
    this.report.failed++;
    console.log(`\n✗ ${title}`);
    for (const { message, stack } of failures) {
      console.log(indent(message));
      const frames = stack
        .split('\n')
        .filter((line) => /^\s+at /.test(line) && !/node_modules|<Jasmine>|node:/.test(line));
      if (frames.length > 0) console.log(indent(frames.map((line) => line.trim()).join('\n')));
    }
  }

  private write(): void {
    const path = process.env['SPEC_REPORT'];
    if (path !== undefined) writeFileSync(path, JSON.stringify(this.report));
  }
}

const indent = (text: string): string => text.replace(/^/gm, '    ');
