/**
 * Hides from a page the leg that it would connect before admission, so that it connects when it is admitted and not
 * sooner. It runs inside the page, where it is sent as text, so it may name nothing outside of itself.
 */
export function hideWarmLegs(): void {
  const data = Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data');
  Object.defineProperty(MessageEvent.prototype, 'data', {
    configurable: true,
    get(this: MessageEvent): unknown {
      const whole: unknown = data?.get?.call(this);
      if (typeof whole !== 'string') return whole;
      return whole.replace(/"leg":\{[^{}]*"open":false\}/, '"leg":null');
    },
  });
}
