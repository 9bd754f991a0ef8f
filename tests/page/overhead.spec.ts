/** What the bookkeeping of the monitor costs a job on the CPU: under one part in a hundred. */
import { expect, fixture, test } from '../browser.ts';
import { hear, load } from '../engine.ts';

type Engine = typeof import('../harness/engine.ts');
type Overhead = typeof import('../harness/overhead.ts');

test('the clock of ONNX Runtime’s runs and the readings of the gauge take under 1 % of a job', async ({ harness }) => {
  await load(harness, 'whisper-digits-10s', 'cpu');
  const { report } = await hear(harness, fixture('windows/synthetic_en_10s_0.wav'), { language: 'en' });
  const { run, readingMs } = await harness.evaluate(async () => {
    const overhead = await window.harness.load<Overhead>('overhead');
    const engine = await window.harness.load<Engine>('engine');
    await overhead.ofRun(5);
    const run = await overhead.ofRun(41);
    const readings = 500;
    const began = performance.now();
    for (let i = 0; i < readings; i++) await engine.gauge();
    return { run, readingMs: (performance.now() - began) / readings };
  });
  // The speech detection runs once for 64 frames of 32 ms.
  const runs = report.encoderPasses + report.decoderSteps + Math.ceil(report.audioSeconds / 2.048);
  const clockMs = runs * Math.max(0, run.countedMs - run.plainMs);
  // Twice a second while there is work, the way there and back included.
  const gaugeMs = 2 * (report.wallMs / 1000) * readingMs;
  const share = (clockMs + gaugeMs) / report.wallMs;
  const eachUs = 1000 * (run.countedMs - run.plainMs);
  test.info().annotations.push({
    type: 'figures',
    description:
      `monitor on the CPU: ${runs} runs at ${eachUs.toFixed(2)} µs, a reading ${readingMs.toFixed(3)} ms, ` +
      `job ${report.wallMs.toFixed(0)} ms: ${(100 * share).toFixed(3)} %`,
  });
  expect(runs).toBeGreaterThan(10);
  expect(share).toBeLessThan(0.01);
});
