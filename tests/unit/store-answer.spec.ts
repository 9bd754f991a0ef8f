/** What a server's answer means for a file of 1000 bytes. */
import { expect, test } from 'playwright/test';
import { judge, looksLikePage, type Answer } from '../../workers/store/answer.ts';

const TOTAL = 1000;
const answer = (status: number, contentType: string | null = null, contentRange: string | null = null): Answer => ({
  status,
  contentType,
  contentRange,
});
const bytes = 'application/octet-stream';
const page = 'text/html; charset=utf-8';

test('a whole answer to a whole request is read from its first byte', () => {
  expect(judge(answer(200, bytes), 0, TOTAL)).toEqual({ type: 'read', skipBytes: 0 });
  expect(judge(answer(200), 0, TOTAL)).toEqual({ type: 'read', skipBytes: 0 });
});

test('a whole answer to a range request: what is on disk is read past', () => {
  expect(judge(answer(200, bytes), 400, TOTAL)).toEqual({ type: 'read', skipBytes: 400 });
});

test.describe('a partial answer', () => {
  const cases: [string | null, Record<string, unknown>][] = [
    [null, { type: 'read', skipBytes: 0 }], // the server does not expose the header
    ['bytes 400-999/1000', { type: 'read', skipBytes: 0 }],
    ['bytes 400-999/*', { type: 'read', skipBytes: 0 }],
    ['bytes 0-999/1000', { type: 'read', skipBytes: 400 }],
    ['bytes 300-999/1000', { type: 'read', skipBytes: 100 }],
    ['bytes 500-999/1000', { type: 'retry' }], // a hole
    ['bytes 400-1199/1200', { type: 'restart' }], // another file
  ];
  for (const [contentRange, verdict] of cases) {
    test(contentRange ?? 'without Content-Range', () => {
      expect(judge(answer(206, bytes, contentRange), 400, TOTAL)).toMatchObject(verdict);
    });
  }
});

test.describe('refusals', () => {
  const cases: [number, string | null, string, string][] = [
    [200, page, 'fail', 'DownloadBlocked'],
    [206, page, 'fail', 'DownloadBlocked'],
    [200, 'application/xhtml+xml', 'fail', 'DownloadBlocked'],
    [403, page, 'fail', 'DownloadBlocked'],
    [451, page, 'fail', 'DownloadBlocked'],
    [407, null, 'fail', 'DownloadBlocked'],
    [511, null, 'fail', 'DownloadBlocked'],
    [401, null, 'fail', 'DownloadFailed'],
    [404, page, 'fail', 'DownloadFailed'],
    [410, null, 'fail', 'DownloadFailed'],
    [304, null, 'fail', 'DownloadFailed'],
    [403, 'application/xml', 'retry', 'DownloadFailed'],
    [408, null, 'retry', 'DownloadFailed'],
    [429, null, 'retry', 'DownloadFailed'],
    [500, page, 'retry', 'DownloadFailed'],
    [502, page, 'retry', 'DownloadFailed'],
    [503, null, 'retry', 'DownloadFailed'],
    [416, null, 'restart', 'DownloadFailed'],
  ];
  for (const [status, contentType, type, name] of cases) {
    test(`${status} ${contentType ?? ''} is ${name}, ${type}`, () => {
      expect(judge(answer(status, contentType), 400, TOTAL)).toMatchObject({ type, fault: { name } });
    });
  }
});

test('a web page is known by its first character, whatever comes before it', () => {
  const text = (content: string) => new TextEncoder().encode(content);
  expect(looksLikePage(text('<!doctype html>'))).toBe(true);
  expect(looksLikePage(text('\ufeff\r\n  <html>'))).toBe(true);
  expect(looksLikePage(text('{"a":"<b>"}'))).toBe(false);
  expect(looksLikePage(new Uint8Array([8, 9, 0x3c]))).toBe(false);
  expect(looksLikePage(new Uint8Array())).toBe(false);
});
