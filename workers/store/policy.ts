/** What this worker may not ask for: its own Content Security Policy, as far as it has shown itself. */
const refused = new Set<string>();

if ('addEventListener' in globalThis) {
  addEventListener('securitypolicyviolation', (event) => {
    const { blockedURI } = event as SecurityPolicyViolationEvent;
    if (URL.canParse(blockedURI)) refused.add(new URL(blockedURI).origin);
  });
}

/**
 * Whether a request that just failed was never sent. A fetch says only that it failed; the violation is told apart, as
 * an event of its own in the same turn.
 */
export async function policyRefused(address: string): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve));
  return refused.has(new URL(address).origin);
}
