/** The job's sound once more: copies, on credit, and never anything that a transcript has to wait for. */
import { expect, test } from 'playwright/test';
import { PassedOnSound } from '../../workers/hearing/pass-on.ts';
import { PcmSource } from '../../workers/hearing/pcm-source.ts';

const RATE = 16000;
const going = () => false;

function pair(patienceMs?: number) {
  const { port1, port2 } = new MessageChannel();
  return { passedOn: new PassedOnSound(port1, patienceMs), port: port2 };
}

test('what is passed on arrives in order, and the job keeps its own', async () => {
  const { passedOn, port } = pair();
  const source = new PcmSource(port, RATE, 0);
  const block = Float32Array.from({ length: 100 }, (_, i) => i);
  for (let i = 0; i < 3; i++) await passedOn.send(i * 100, block);
  passedOn.end({ totalSamples: 300, decodeMs: 1, truncated: false });
  expect(block[99]).toBe(99);
  const heard: number[] = [];
  for (let next = await source.next(going); next; next = await source.next(going)) heard.push(next.length, next[99]);
  expect(heard).toEqual([100, 99, 100, 99, 100, 99]);
  expect([source.received, source.cut, source.end?.totalSamples]).toEqual([300, false, 300]);
  source.stop();
});

test('who hears slowly is waited for', async () => {
  const { passedOn, port } = pair();
  const source = new PcmSource(port, RATE, 0);
  let sent = 0;
  const sending = (async () => {
    for (; sent < 60; sent++) await passedOn.send(sent * 10, new Float32Array(10));
    passedOn.end({ totalSamples: 600, decodeMs: 1, truncated: false });
  })();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const ahead = sent;
  expect(ahead).toBeLessThan(30);
  let blocks = 0;
  while (await source.next(going)) blocks += 1;
  await sending;
  expect(blocks).toBe(60);
  source.stop();
});

test('a job that stops, or whose sound breaks off, ends it at once with what was sent', async () => {
  const { passedOn, port } = pair();
  const source = new PcmSource(port, RATE, 0);
  await passedOn.send(0, new Float32Array(10));
  for (let i = 1; i < 24; i++) await passedOn.send(i * 10, new Float32Array(10));
  const waiting = passedOn.send(240, new Float32Array(10));
  passedOn.end(null);
  await waiting;
  let blocks = 0;
  while (await source.next(going)) blocks += 1;
  expect([blocks, source.cut, source.end]).toEqual([24, true, null]);
  source.stop();
});

test('a worker that died is given up, and costs the job its patience once', async () => {
  const { passedOn, port } = pair(30);
  const began = performance.now();
  for (let i = 0; i < 5; i++) await passedOn.send(i, new Float32Array(1));
  expect(performance.now() - began).toBeLessThan(500);
  port.close();
});
