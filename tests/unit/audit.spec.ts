/** What is made of the registry's answer about the packages. */
import { expect, test } from 'playwright/test';
import { verdictOf } from '../audit.mjs';

const answer = (vulnerabilities: object) => JSON.stringify({ auditReportVersion: 2, metadata: { vulnerabilities } });

test('a high or critical fault fails, a lesser one does not, and no answer is said', () => {
  expect(verdictOf(answer({ low: 2, moderate: 1, high: 0, critical: 0, total: 3 })).fine).toBe(true);
  expect(verdictOf(answer({ high: 1, critical: 0, total: 1 }))).toMatchObject({
    fine: false,
    words: '1 known faults in packages that reach visitors, 1 of them high or critical.',
  });
  expect(verdictOf(answer({ high: 0, critical: 2, total: 2 })).fine).toBe(false);
  for (const silent of ['', '<html>', '{"error":{"code":"EAUDITNOPJSON"}}', 'null']) {
    expect(verdictOf(silent).fine, silent).toBe(true);
    expect(verdictOf(silent).words).toContain('no answer');
  }
});
