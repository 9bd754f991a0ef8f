/** The published net laid out for runs of frames. That its numbers are the same is page/silero.spec.ts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { sequenceGraph } from '../../workers/speech/silero-graph.ts';
import { repository } from '../browser.ts';

const folder = join(repository, 'node_modules/@ricky0123/vad-web/dist');

test('the sequence holds the weights of 16 kHz once and nothing else', () => {
  const published = readFileSync(join(folder, 'silero_vad_v6.onnx'));
  const graph = sequenceGraph(published);
  // 258 x 256 + 128 x 129 x 3 + 64 x 128 x 3 + 64 x 64 x 3 + 128 x 64 x 3 + 512 x 128 x 2 numbers, biases, gates' biases.
  const numbers = 66048 + 49536 + 128 + 24576 + 64 + 12288 + 64 + 24576 + 128 + 131072 + 1024 + 129;
  expect(graph.length).toBeGreaterThan(4 * numbers);
  expect(graph.length).toBeLessThan(4 * numbers + 4096);
});

test('another net is refused by name', () => {
  const other = readFileSync(join(folder, 'silero_vad_legacy.onnx'));
  expect(() => sequenceGraph(other)).toThrow('not the Silero net');
  expect(() => sequenceGraph(new Uint8Array(0))).toThrow('not the Silero net');
});
