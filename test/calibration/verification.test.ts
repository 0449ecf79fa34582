import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from 'agent-assist-sdk';
import { verifyInteraction } from 'agent-assist-sdk/calibration';

const interaction = {
  interactionId: 'conv_8f3a2c1d',
  text: 'Customer is experiencing severe billing latency and demands an immediate refund.',
  emotion: 'frustration',
  confidence: 0.92,
};

describe('verifyInteraction', () => {
  it('passes the example of the protocol', () => {
    expect(verifyInteraction(interaction)).toEqual({
      interactionId: 'conv_8f3a2c1d',
      passed: true,
      domainTerms: ['billing', 'refund', 'latency'],
      failures: [],
    });
  });

  it('says everything that speaks against it', () => {
    expect(verifyInteraction({ ...interaction, text: 'slabs refunded', emotion: 'Anger', confidence: 0.5 })).toEqual({
      interactionId: 'conv_8f3a2c1d',
      passed: false,
      domainTerms: [],
      failures: [
        { type: 'no-domain-term' },
        { type: 'unknown-emotion', emotion: 'Anger' },
        { type: 'confidence', confidence: 0.5, minConfidence: 0.8 },
      ],
    });
  });

  it.each([
    ['SLA!', true],
    ['the sla-breach', true],
    ['(Outage)', true],
    ['slaw', false],
    ['translate', false],
    ['bil\u00adling', true],
    ['billing_id', false],
    ['rebilling', false],
    ['billing\u0301', false],
    ['', false],
  ])('finds a term in %j: %s', (text, passed) => {
    expect(verifyInteraction({ ...interaction, text }).passed).toBe(passed);
  });

  it.each([
    ['c++', 'We use C++ here', true],
    ['c++', 'c++', true],
    ['c++', 'c++11', false],
    ['.net', 'on .NET, yes', true],
    ['Straße', 'in der STRASSE', true],
    ['störung', 'Netzsto\u0308rung', false],
    ['störung', 'Eine STO\u0308RUNG!', true],
    ['возврат', 'Нужен ВОЗВРАТ.', true],
    ['возврат', 'возвратный', false],
    ['customer effort', 'high customer\n effort score', true],
  ])('finds %j in %j: %s', (term, text, passed) => {
    expect(verifyInteraction({ ...interaction, text }, { domainTerms: [term] }).passed).toBe(passed);
  });

  it.each(['anger', 'frustration', 'satisfaction', 'confusion'])('knows %s', (emotion) => {
    expect(verifyInteraction({ ...interaction, emotion }).passed).toBe(true);
  });

  it.each(['joy', '', 'anger ', 'ANGER', 'constructor', '__proto__'])('does not know %j', (emotion) => {
    expect(verifyInteraction({ ...interaction, emotion }).failures).toEqual([{ type: 'unknown-emotion', emotion }]);
  });

  it('draws the line of confidence at the minimum', () => {
    expect(verifyInteraction({ ...interaction, confidence: 0.8 }).passed).toBe(true);
    expect(verifyInteraction({ ...interaction, confidence: 0.7999999 }).passed).toBe(false);
    expect(verifyInteraction({ ...interaction, confidence: Number.NaN }).passed).toBe(false);
    expect(verifyInteraction({ ...interaction, confidence: 1 }).passed).toBe(true);
    // A percentage is no confidence: 45 would be 0.45.
    expect(verifyInteraction({ ...interaction, confidence: 45 }).passed).toBe(false);
    const score = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(score, score, (confidence, minConfidence) => {
        expect(verifyInteraction({ ...interaction, confidence }, { minConfidence }).passed).toBe(
          confidence >= minConfidence,
        );
      }),
    );
  });

  it('passes only when nothing speaks against it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('billing', 'nothing'),
        fc.constantFrom('anger', 'joy'),
        fc.constantFrom(0.79, 0.8),
        (text, emotion, confidence) => {
          const { passed, failures } = verifyInteraction({ interactionId: 'i', text, emotion, confidence });
          expect(passed).toBe(text === 'billing' && emotion === 'anger' && confidence === 0.8);
          expect(passed).toBe(failures.length === 0);
        },
      ),
    );
  });

  it.each([
    { minConfidence: -0.1 },
    { minConfidence: 1.1 },
    { minConfidence: Number.NaN },
    { domainTerms: ['ok', ' '] },
  ])('refuses %j', (options) => {
    expect(() => verifyInteraction(interaction, options)).toThrow(ConfigurationError);
  });
});
