/**
 * The origins that this worker's Content Security Policy has refused so far. A worker cannot read its policy; each refused
 * request fires an event that names the address.
 */
const refused = new Set<string>();

if ('addEventListener' in globalThis) {
  addEventListener('securitypolicyviolation', (event) => {
    const { blockedURI } = event as SecurityPolicyViolationEvent;
    if (URL.canParse(blockedURI)) refused.add(new URL(blockedURI).origin);
  });
}

/**
 * Whether the policy refused a request that has just failed, so that it was never sent. A fetch says only that it failed;
 * the event of the refusal comes in the same turn of the event loop.
 */
export async function policyRefused(address: string): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve));
  return refused.has(new URL(address).origin);
}
